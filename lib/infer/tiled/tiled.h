#pragma once

#include "infer/tiled/tile_volumes.h"

namespace lucid {

// Implements infer() for volumes of any size, window by window. Memory does not depend on their
// depth. Finished slabs survive an interruption in OUTPUT.partial. Processes that are started with
// the same options share the work there; each returns when the output is complete.
InferResult infer_tiled(const InferOptions& options, TrainedConfig config, TileVolumes volumes,
                        const InferProgress& progress, const InferNote& note);

// True if processes may be predicting the output, which is then in place any moment.
bool may_be_predicted(const OutputFile& output);

// Removes what a process left of a complete output, if it was killed before it could.
void clear_prediction(const OutputFile& output);

}  // namespace lucid
