#pragma once

#include "infer/predict/options.h"

namespace lucid {

// Predicts every sample of the inputs and writes /predictions; the output appears when it is
// complete. `progress` is told how many of all samples, or windows, are done and answers whether to
// go on; `note` hears what a user should know before the end.
InferResult infer(
    const InferOptions& options, const InferProgress& progress,
    const InferNote& note = [](const std::string&) {});

}  // namespace lucid
