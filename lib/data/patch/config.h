#pragma once

#include <cstdint>
#include <optional>

#include "base/json.h"
#include "data/array/box.h"

namespace lucid {

enum class PatchSampling { kRandom, kGrid };
enum class ForegroundPer { kEpoch, kBatch };
enum class PatchPadding { kConstant, kReflect };

// Returns the voxel of an axis that stands at a place which may lie outside; -1 for the constant 0.
inline std::int64_t padded_source(std::int64_t at, std::int64_t extent, PatchPadding padding) {
  if (at >= 0 && at < extent) return at;
  return padding == PatchPadding::kConstant ? -1 : mirrored(at, extent);
}

// "patch" of the data section: samples are cut out of volumes.
struct PatchConfig {
  Triple size{1, 1, 1};  // that of the model's input
  PatchSampling sampling = PatchSampling::kRandom;
  // Random sampling: the fraction of samples around a voxel that is not background, and samples per
  // volume, by default as many as cover it once.
  double foreground = 0;
  ForegroundPer foreground_per = ForegroundPer::kEpoch;  // where that fraction holds
  std::optional<std::int64_t> per_volume{};
  Triple stride{1, 1, 1};                          // grid sampling; by default the size
  PatchPadding padding = PatchPadding::kConstant;  // if a volume is smaller than the patch
};

// `model_size` is the required size; nullopt if the model could not be read.
PatchConfig read_patch_config(JsonObject& object, const std::optional<Triple>& model_size);

// Returns the section with defaults filled in.
Json patch_json(const PatchConfig& config);

}  // namespace lucid
