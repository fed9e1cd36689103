#pragma once

#include <filesystem>
#include <vector>

#include "data/resample/volume_grid.h"
#include "data/volumes/volume_stacks.h"
#include "infer/predict/options.h"
#include "infer/predict/predictor.h"

namespace lucid {

// The volumes of a tiled run, of any sizes, and the names of their predictions: "predictions" for
// one dataset, "predictions/NAME" for several.
struct TileVolumes {
  std::vector<VolumeStacks> stacks;
  std::vector<std::vector<VolumeGrid>> grids;  // of each sample, which the network sees
  std::vector<std::string> names;
  std::vector<std::string> warnings;  // about headers of files that are not HDF5
};

// Opens every file once and reads no voxels, unless the grid is cropped. Throws Error(kData), or
// Error(kUsage) if two volumes would get the same name.
TileVolumes open_tile_volumes(const VolumesConfig& config,
                              const std::vector<std::filesystem::path>& files,
                              const GridConfig& grid);

// The largest extents that the network sees of a sample.
Triple largest_seen(const std::vector<VolumeGrid>& grids);

inline Triple extents_of(const VolumeStacks& stacks) {
  const Shape volume = stacks.volume_shape();
  return {volume[1], volume[2], volume[3]};
}

// Measures a part of a volume that is normalised by its own statistics. Reads all of it, a few
// planes at a time.
Normalization measured_normalization(const VolumeStacks& stacks, std::size_t sample,
                                     const Box& region, const NormalizationRule& rule);

// Returns true if the run asks for windows, or if the network predicts voxels and was trained on
// patches or on a size other than that of some volume.
bool is_tiled(const InferOptions& options, const TrainedConfig& config, const TileVolumes& volumes);

}  // namespace lucid
