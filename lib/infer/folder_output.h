#pragma once

#include "infer/predict/options.h"

namespace lucid {

// True if the output is a folder, which gets one file for each input.
bool is_folder_output(const InferOptions& options);

// Predicts each input by predict() into a file of its own in the folder, named as the input, with
// the suffix of `format`: those that are not complete, and that no other process works on, until
// all are complete. Creates the folder. Throws Error(kUsage) if two inputs would get the same name,
// or an output exists that is none of this run and may not be replaced, before anything is
// computed.
using PredictOne = std::function<InferResult(const InferOptions&)>;
InferResult predict_into_folder(const InferOptions& options, const PredictOne& predict,
                                const InferProgress& progress);

}  // namespace lucid
