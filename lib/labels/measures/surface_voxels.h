#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "labels/label_planes.h"

namespace lucid {

// Places of voxels in storage order: (d * H + h) * W + w.
using VoxelIndices = std::vector<std::int64_t>;

// Finds the surface of every label but 0: the voxels of which one of the six neighbours has another
// label or lies outside the volume. It is the mask without its erosion, as MONAI's
// get_mask_edges(), and keeps three planes.
class SurfaceVoxels {
 public:
  explicit SurfaceVoxels(const Triple& extents);

  // Takes the planes in order; after the last one the surfaces are complete.
  void add(std::span<const Label> plane);
  const std::map<Label, VoxelIndices>& by_label() const { return voxels_; }
  std::map<Label, VoxelIndices>& by_label() { return voxels_; }
  std::int64_t count() const { return count_; }

 private:
  void find(std::span<const Label> before, std::span<const Label> plane,
            std::span<const Label> after, std::int64_t d);
  void mark_row(std::span<const Label> before, std::span<const Label> plane,
                std::span<const Label> after, std::int64_t h);

  Triple extents_;
  std::int64_t planes_ = 0, count_ = 0;
  std::vector<Label> before_, plane_, outside_;
  std::vector<std::uint8_t> marks_;
  std::map<Label, VoxelIndices> voxels_;
};

}  // namespace lucid
