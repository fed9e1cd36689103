#pragma once

#include <cstdint>
#include <vector>

namespace lucid {

// Places windows along one axis of a volume. They begin at multiples of the network's stride,
// evenly spaced, and the first and the last are flush with the ends of the extended volume. That is
// the volume itself if windows fit it exactly, otherwise the volume extended on both sides.
struct AxisWindows {
  std::int64_t extent = 1, window = 1;
  std::int64_t before = 0, extended = 1;  // voxels added before the volume; all voxels
  std::vector<std::int64_t> starts;       // positions in the extended volume

  std::int64_t count() const { return static_cast<std::int64_t>(starts.size()); }
  std::int64_t begin(std::size_t i) const {
    return starts[i] - before;
  }  // the position in the volume
  // The smallest overlap of neighbours; the window if there is only one.
  std::int64_t smallest_overlap() const;
};

struct WindowSpacing {
  std::int64_t window = 1, stride = 1;
  std::int64_t overlap = 0;  // the minimum overlap of neighbours, in voxels
  // Do not extend a volume that holds a window: where windows do not fit it at multiples of the
  // stride, they begin anywhere.
  bool stays_inside = false;
};

// The overlap must be smaller than the window. If it leaves less than a stride, windows are one
// stride apart.
AxisWindows place_windows(std::int64_t extent, const WindowSpacing& spacing);

}  // namespace lucid
