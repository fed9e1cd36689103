#pragma once

#include <algorithm>
#include <cstdint>

#include "base/json.h"
#include "data/array/ranges.h"

namespace lucid {

// A box of voxels from `begin` to `begin + size` along each of d, h, w.
struct Box {
  Triple begin{0, 0, 0}, size{0, 0, 0};

  std::int64_t end(std::size_t axis) const { return begin[axis] + size[axis]; }
  std::int64_t voxels() const { return size[0] * size[1] * size[2]; }
  friend bool operator==(const Box&, const Box&) = default;
};

// Returns the intersection; its size is 0 along the axes where the boxes do not meet.
inline Box overlap(const Box& a, const Box& b) {
  Box both;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    both.begin[axis] = std::max(a.begin[axis], b.begin[axis]);
    both.size[axis] =
        std::max<std::int64_t>(std::min(a.end(axis), b.end(axis)) - both.begin[axis], 0);
  }
  return both;
}

// Returns the voxel that a position along one axis shows when the volume is reflected at its ends,
// as often as needed. The outermost voxel is not repeated, as in "reflect" padding.
inline std::int64_t mirrored(std::int64_t at, std::int64_t extent) {
  if (extent == 1) return 0;
  const std::int64_t period = 2 * (extent - 1);
  const std::int64_t in_period = (at % period + period) % period;
  return std::min(in_period, period - in_period);
}

// Returns "d=0:90,h=0:108,w=0:43".
inline std::string box_text(const Box& box) {
  return ranges_text({box.begin, {box.end(0), box.end(1), box.end(2)}});
}

// Calls visit(part) for boxes that together make up `whole`, along w first. Inner borders lie at
// multiples of `edge`; a part has about `voxels` voxels, but is at least `edge` long along d and h.
template <class Visit>
void walk_boxes(const Box& whole, std::int64_t edge, std::int64_t voxels, const Visit& visit) {
  const auto next = [edge](std::int64_t at) { return (at / edge + 1) * edge; };
  const std::int64_t rows =
      std::max(voxels / (edge * std::max<std::int64_t>(whole.size[2], 1)), edge);
  for (std::int64_t d = whole.begin[0], d_end; d < whole.end(0); d = d_end) {
    d_end = std::min(next(d), whole.end(0));
    for (std::int64_t h = whole.begin[1], h_end; h < whole.end(1); h = h_end) {
      h_end = std::min(next(h + rows - edge), whole.end(1));
      visit(Box{{d, h, whole.begin[2]}, {d_end - d, h_end - h, whole.size[2]}});
    }
  }
}

}  // namespace lucid
