#pragma once

#include "infer/tiled/tile_volumes.h"

namespace lucid {

// Implements infer() for volumes of any size, window by window. Memory does not depend on their
// depth. Finished slabs survive an interruption in OUTPUT.partial.
InferResult infer_tiled(const InferOptions& options, TrainedConfig config, TileVolumes volumes,
                        const InferProgress& progress, const InferNote& note);

}  // namespace lucid
