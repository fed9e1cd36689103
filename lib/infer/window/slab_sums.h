#pragma once

#include <array>
#include <span>

#include "infer/window/blend.h"
#include "infer/window/flips.h"

namespace lucid {

// The windows of a volume along the three axes, with the weights of their voxels.
struct WindowGrid {
  std::array<AxisWindows, 3> axes;
  std::array<std::vector<WindowWeights>, 3> weights;
};

using WindowPlace = std::array<std::size_t, 3>;  // the index of a window along d, h, w

// Adds up weighted predictions of windows for the planes that the windows of one depth index touch.
// Planes are stored one after the other, each with its channels.
class SlabSums {
 public:
  // Holds up to `planes` planes, starting with the first plane of the volume. The grid must outlive
  // it.
  SlabSums(const WindowGrid& grid, std::int64_t channels, std::int64_t planes);

  std::int64_t first_plane() const { return first_; }
  // Adds a window's prediction (C, D, H, W), multiplied by `share`, to the planes from the first
  // on.
  void add(const WindowPlace& place, const Flips& flips, float share,
           std::span<const float> prediction);
  std::span<float> planes(std::int64_t begin, std::int64_t end);  // (end - begin, C, H, W)
  void drop_before(std::int64_t plane);
  void restore(std::int64_t first, std::span<const float> planes);  // sets the other planes to zero

 private:
  const WindowGrid& grid_;
  std::int64_t channels_, first_ = 0;
  std::size_t plane_size_;
  std::vector<float> sums_;
};

}  // namespace lucid
