#pragma once

#include <optional>

#include "base/json.h"
#include "data/array/voxel_size.h"

namespace lucid {

// "spacing", "voxel_size" and "crop" of the data section: the grid that samples are cut from.
struct GridConfig {
  std::optional<VoxelSize> spacing{};     // volumes are resampled to it
  bool takes_median = false;              // "median", until the volumes are open
  std::optional<VoxelSize> voxel_size{};  // of volumes whose files do not say it
  bool crops_to_nonzero = false;

  bool resamples() const { return spacing.has_value() || takes_median; }
  bool is_as_stored() const { return !resamples() && !crops_to_nonzero; }
};

GridConfig read_grid_config(JsonObject& data);

// Returns the entries of the data section that differ from the defaults.
Json grid_json(const GridConfig& config);

}  // namespace lucid
