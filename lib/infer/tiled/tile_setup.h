#pragma once
// Private to this room.

#include "infer/tiled/tile_volumes.h"
#include "infer/window/patch_choice.h"

namespace lucid {

// The network, compiled for windows of the run's size, and how volumes are cut into them.
struct TileSetup {
  TrainedConfig config;
  Tiling tiling;
};

// Throws Error(kData) if a volume has a different number of channels.
void check_channels(const Graph& graph, const TileVolumes& volumes);

// Throws Error(kUsage) if the network does not predict voxels or does not accept the size, and what
// check_channels() throws.
TileSetup set_up_tiles(const InferOptions& options, TrainedConfig config,
                       const TileVolumes& volumes);

}  // namespace lucid
