#pragma once

#include <filesystem>
#include <vector>

#include "infer/predict/calibration.h"
#include "infer/predict/options.h"
#include "infer/predict/predictor.h"

namespace lucid {

// Implements infer() for samples that the network takes whole, all of one shape.
InferResult infer_whole(const InferOptions& options, TrainedConfig config,
                        const VolumesConfig& volumes,
                        const std::vector<std::filesystem::path>& files,
                        const InferProgress& progress, const InferNote& note);

}  // namespace lucid
