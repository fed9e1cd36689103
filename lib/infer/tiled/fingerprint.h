#pragma once

#include <filesystem>

#include "base/json.h"
#include "infer/tiled/tile_volumes.h"
#include "infer/window/tiling.h"

namespace lucid {

// Returns what describes the checkpoint of a run, or a list of it for several.
Json of_checkpoints(const InferOptions& options, Json (*describe)(const std::filesystem::path&));

// Describes everything that determines the bytes a run writes. An interrupted run continues only if
// it is equal.
Json fingerprint(const InferOptions& options, const Tiling& tiling, const TileVolumes& volumes);

// The same of a prediction of one input before anything of it is opened: the options, the
// checkpoints, whose content identities are given, and the files of the input.
Json fingerprint_of_input(const InferOptions& options, const Json& checkpoints,
                          const std::filesystem::path& input);

}  // namespace lucid
