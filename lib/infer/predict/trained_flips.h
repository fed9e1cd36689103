#pragma once

#include "infer/predict/options.h"
#include "infer/predict/predictor.h"

namespace lucid {

// Returns the options with the axes that training mirrored, where they ask for these: of several
// networks, the axes that all of them know. Where there are none, nothing is mirrored, and a note
// says so.
InferOptions with_trained_flips(InferOptions options, const TrainedConfig& config,
                                const InferNote& note);

// Notes axes that the options mirror and training did not, as a network knows mirror images only if
// it was trained on them.
void note_untrained_flips(const InferOptions& options, const TrainedConfig& config,
                          const InferNote& note);

}  // namespace lucid
