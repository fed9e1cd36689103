#pragma once

#include "infer/tiled/tile_volumes.h"

namespace lucid {

// infer() of volumes of any size, window by window. Memory does not depend on their depth; what is
// finished outlives an interruption, as OUTPUT.partial.
InferResult infer_tiled(const InferOptions& options, TrainedConfig config, TileVolumes volumes,
                        const InferProgress& progress, const InferNote& note);

}  // namespace lucid
