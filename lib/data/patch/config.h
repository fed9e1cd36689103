#pragma once

#include <cstdint>
#include <optional>

#include "base/json.h"

namespace lucid {

enum class PatchSampling { kRandom, kGrid };
enum class PatchPadding { kConstant, kReflect };

// "patch" of the data section: samples are cut out of volumes.
struct PatchConfig {
  Triple size{1, 1, 1};  // the model's input
  PatchSampling sampling = PatchSampling::kRandom;
  // Of random sampling: the share of samples around a voxel that is not background; how many a
  // volume, by default as many as cover it once.
  double foreground = 0;
  std::optional<std::int64_t> per_volume{};
  Triple stride{1, 1, 1};  // of a grid; the size where the file says nothing
  PatchPadding padding = PatchPadding::kConstant;  // of volumes smaller than the patch
};

// `model_size`: what the size has to be; none where the model could not be read.
PatchConfig read_patch_config(JsonObject& object, const std::optional<Triple>& model_size);

// The section with defaults filled in.
Json patch_json(const PatchConfig& config);

}  // namespace lucid
