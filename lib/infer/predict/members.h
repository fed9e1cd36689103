#pragma once

#include "infer/predict/options.h"
#include "infer/predict/predictor.h"

namespace lucid {

// Returns the config of the options' checkpoint, or what the members of an ensemble share; it
// mirrored what all of them did, and learned from the files of all. Throws Error(kData) naming two
// files and a place where these differ in what one pass over the inputs needs.
TrainedConfig read_members(const InferOptions& options);

// Reads the same networks for inputs of another size, as read_trained_config() does.
TrainedConfig read_members(const InferOptions& options, const Triple& size);

}  // namespace lucid
