#pragma once

#include "infer/predict/options.h"

namespace lucid {

// Predicts every sample of the inputs and writes /predictions; the output appears when it is
// complete. `progress` receives how many of all samples or windows are done and returns whether to
// continue; `note` receives warnings for the user while the run is still going.
InferResult infer(
    const InferOptions& options, const InferProgress& progress,
    const InferNote& note = [](const std::string&) {});

}  // namespace lucid
