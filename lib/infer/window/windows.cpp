#include "infer/window/windows.h"

#include <algorithm>
#include <cassert>

namespace lucid {

std::int64_t AxisWindows::smallest_overlap() const {
  std::int64_t overlap = window;
  for (std::size_t i = 1; i < starts.size(); ++i)
    overlap = std::min(overlap, starts[i - 1] + window - starts[i]);
  return overlap;
}

AxisWindows place_windows(std::int64_t extent, const WindowSpacing& s) {
  assert(s.overlap >= 0 && s.overlap < s.window);
  const std::int64_t beyond = std::max<std::int64_t>(0, extent - s.window);
  const std::int64_t stride = s.stays_inside && beyond % s.stride != 0 ? 1 : s.stride;
  const std::int64_t last = (beyond + stride - 1) / stride;
  const std::int64_t step = std::max<std::int64_t>(1, (s.window - s.overlap) / stride);
  const std::int64_t gaps = (last + step - 1) / step;
  AxisWindows axis{.extent = extent, .window = s.window, .starts = {}};
  axis.extended = s.window + last * stride;
  axis.before = (axis.extended - extent) / 2;
  for (std::int64_t i = 0; i <= gaps; ++i)
    axis.starts.push_back(gaps == 0 ? 0 : i * last / gaps * stride);
  return axis;
}

}  // namespace lucid
