#pragma once

#include <array>
#include <span>

#include "infer/window/blend.h"

namespace lucid {

// The windows of a volume in three axes, and what their voxels count.
struct WindowGrid {
  std::array<AxisWindows, 3> axes;
  std::array<std::vector<WindowWeights>, 3> weights;
};

using WindowPlace = std::array<std::size_t, 3>;  // which window along d, h, w
using Flips = std::array<bool, 3>;               // along which axes a window is turned around

// Predictions of windows added up, each weighted, for the planes that windows of one depth touch;
// plane by plane, of each its channels.
class SlabSums {
 public:
  // Holds up to `planes` planes, the first of the volume first. The grid has to outlive it.
  SlabSums(const WindowGrid& grid, std::int64_t channels, std::int64_t planes);

  std::int64_t first_plane() const { return first_; }
  // A window's (C, D, H, W); `share` of it counts.
  void add(const WindowPlace& place, const Flips& flips, float share,
           std::span<const float> prediction);
  std::span<float> planes(std::int64_t begin, std::int64_t end);  // (end - begin, C, H, W)
  void drop_before(std::int64_t plane);
  void restore(std::int64_t first, std::span<const float> planes);  // the others are zero

 private:
  const WindowGrid& grid_;
  std::int64_t channels_, first_ = 0;
  std::size_t plane_size_;
  std::vector<float> sums_;
};

}  // namespace lucid
