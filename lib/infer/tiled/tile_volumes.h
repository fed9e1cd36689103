#pragma once

#include <filesystem>
#include <vector>

#include "data/volumes/volume_stacks.h"
#include "infer/predict/options.h"
#include "infer/predict/predictor.h"

namespace lucid {

// The volumes of a run that are cut into windows, of any sizes, and what their predictions are
// called: "predictions" of one dataset, "predictions/NAME" of several.
struct TileVolumes {
  std::vector<VolumeStacks> stacks;
  std::vector<std::string> names;
};

// Opens every file once, reads no voxel. Throws Error(kData), or Error(kUsage) where two volumes
// would have one name.
TileVolumes open_tile_volumes(const VolumesConfig& config,
                              const std::vector<std::filesystem::path>& files);

inline Triple extents_of(const VolumeStacks& stacks) {
  const Shape volume = stacks.volume_shape();
  return {volume[1], volume[2], volume[3]};
}

// Of a volume that is normalised by what it holds itself: a walk through all of it, some planes at
// a time.
Normalization measured_normalization(const VolumeStacks& stacks, std::size_t sample,
                                     const NormalizationRule& rule);

// Whether the main output has a number, or several, for every voxel of the input.
bool predicts_voxels(const Graph& graph);

// Whether the run is one of windows: it says so, or the network predicts voxels and was trained on
// patches or on another size than some volume's.
bool is_tiled(const InferOptions& options, const TrainedConfig& config, const TileVolumes& volumes);

}  // namespace lucid
