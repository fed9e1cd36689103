#pragma once

#include "infer/tiled/patch_choice.h"
#include "infer/tiled/tile_volumes.h"

namespace lucid {

// The network of a run of windows, for windows of the run's size.
struct TileSetup {
  TrainedConfig config;
  Tiling tiling;
};

// Throws Error(kUsage) where the network does not predict voxels or does not accept the size, and
// Error(kData) where a volume has other channels.
TileSetup set_up_tiles(const InferOptions& options, TrainedConfig config,
                       const TileVolumes& volumes);

// What decides the bytes that a run writes: an interrupted one goes on only where it is equal.
Json fingerprint(const InferOptions& options, const Tiling& tiling, const TileVolumes& volumes);

}  // namespace lucid
