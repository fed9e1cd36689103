#pragma once

#include "infer/predict/options.h"
#include "infer/predict/predictor.h"

namespace lucid {

// True if classes are asked for and no rules of postprocessing: those of the checkpoint count.
bool may_take_stored_rules(const InferOptions& options);

// Takes the rules of the checkpoint for classes of voxels unless the options say others or none;
// of several checkpoints, those that all of them have. Tells what it takes.
InferOptions with_stored_rules(InferOptions options, const TrainedConfig& config,
                               const InferNote& note);

}  // namespace lucid
