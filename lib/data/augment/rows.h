#pragma once
// Private to this room.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "data/augment/grid.h"

namespace lucid {

// Maps a voxel of the result to the position it takes its value from: matrix * voxel + offset.
struct AffineMap {
  std::array<std::array<double, 3>, 3> matrix{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  std::array<double, 3> offset{};
};

// Computes positions and interpolated values of one row along w at a time, vectorized.
class RowSampler {
 public:
  explicit RowSampler(std::int64_t width);

  // Computes the source positions of voxels begin + (0, 0, i). The displacement, (3, width) or
  // null, is added to the voxels before they are mapped.
  void place(const AffineMap& map, const Triple& begin, const float* displacement);
  // Interpolates each channel at these positions; channels are `stride` elements apart in `out`.
  void sample(const Grid& grid, std::optional<float> fill, float* out, std::int64_t stride);

 private:
  std::size_t width_;
  std::vector<float> places_;      // (3, width)
  std::vector<std::int32_t> low_;  // (3, width): the lower neighbour, or the nearest
  std::vector<float> fraction_;    // (3, width): the weight of the upper neighbour
  std::vector<float> cover_;       // the weight of the grid; the rest is fill
};

}  // namespace lucid
