#pragma once

#include <optional>
#include <span>

#include "data/resample/volume_grid.h"

namespace lucid {

// The voxels of a prediction: those that the network has seen, counted from their corner; or those
// of the file, to which predictions are interpolated.
class OutputGrid {
 public:
  // `stored` are the extents of the file's volume.
  OutputGrid(const VolumeGrid& seen, const Triple& stored, bool keeps_spacing);

  const Triple& extents() const { return extents_; }
  // True if these are the voxels that the network has seen.
  bool is_as_seen() const { return !back_; }

  // The end of the planes that follow from the planes before `seen_end`.
  std::int64_t ready(std::int64_t seen_end) const;
  // The first of the network's planes that the planes from this one on are made of, and the end of
  // those that the planes before this one are made of.
  std::int64_t first_seen(std::int64_t plane) const;
  std::int64_t seen_end(std::int64_t plane) const;

  // Makes planes [begin, end), (D, C, H, W), of the network's, the first of which is `first`. What
  // the network has not seen becomes `outside`, a value for each channel.
  void make(std::int64_t begin, std::int64_t end, std::span<const float> seen, std::int64_t first,
            std::span<const float> outside, std::span<float> out) const;

 private:
  // The place along d of a plane in the region that the network has seen.
  std::int64_t in_region(std::int64_t plane) const { return plane - region_.begin[0]; }

  Box region_;  // of the file's volume
  Triple extents_, seen_;
  std::optional<std::array<VoxelTaps, 3>> back_;  // from what the network has seen to the region
};

}  // namespace lucid
