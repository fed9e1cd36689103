#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lucid {

// Degree 0, 1 or 3. kCubic is the cubic B-spline through the voxels, as of scipy.ndimage's order 3.
enum class SplineOrder { kNearest, kLinear, kCubic };

// How each voxel of an axis is made of the voxels of the same axis in another number: weights of
// consecutive voxels, which depend on its place alone, so that any part of a volume is the same as
// in the whole. The outer edges of the first and the last voxels coincide, as with grid_mode of
// scipy.ndimage.zoom and in skimage.transform.resize; beyond them the outermost voxels repeat.
class VoxelTaps {
 public:
  // `from` and `to` are the numbers of voxels, both at least 1.
  VoxelTaps(std::int64_t from, std::int64_t to, SplineOrder order);

  std::int64_t from() const { return from_; }
  std::int64_t to() const { return static_cast<std::int64_t>(first_.size()); }
  // True if every voxel is the one at the same place.
  bool is_copy() const { return is_copy_; }

  std::int64_t first(std::int64_t at) const { return first_[static_cast<std::size_t>(at)]; }
  std::span<const float> weights(std::int64_t at) const {
    const auto i = static_cast<std::size_t>(at);
    return std::span(weights_).subspan(offset_[i], offset_[i + 1] - offset_[i]);
  }
  // One behind the last voxel that makes up this one. Neither this nor first() ever falls.
  std::int64_t last_end(std::int64_t at) const {
    return first(at) + static_cast<std::int64_t>(weights(at).size());
  }

 private:
  void add(double position, SplineOrder order);

  std::int64_t from_;
  bool is_copy_;
  std::vector<std::int64_t> first_;
  std::vector<std::size_t> offset_{0};
  std::vector<float> weights_;
};

}  // namespace lucid
