#pragma once

#include <cstdint>
#include <vector>

namespace lucid {

// How windows walk along one axis of a volume: they begin at multiples of the network's stride,
// evenly spaced, the first and the last flush with the ends of the extended volume. That is the
// volume itself wherever the windows fit it, else it goes on as in a mirror on both sides.
struct AxisWindows {
  std::int64_t extent = 1, window = 1;
  std::int64_t before = 0, extended = 1;  // mirrored voxels before the volume; all voxels
  std::vector<std::int64_t> starts;       // in the extended volume

  std::int64_t count() const { return static_cast<std::int64_t>(starts.size()); }
  std::int64_t begin(std::size_t i) const { return starts[i] - before; }  // in the volume
  std::int64_t smallest_overlap() const;  // of neighbours; the window where there is one
};

struct WindowSpacing {
  std::int64_t window = 1, stride = 1;
  std::int64_t overlap = 0;  // at least so many voxels of neighbours are the same
};

// The overlap must be less than the window; where it leaves no whole stride, windows are one stride
// apart.
AxisWindows place_windows(std::int64_t extent, const WindowSpacing& spacing);

}  // namespace lucid
