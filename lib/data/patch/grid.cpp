#include "data/patch/grid.h"

#include <cassert>

namespace lucid {

PatchGrid::PatchGrid(const Box& region, const Triple& size, const Triple& stride)
    : region_(region), size_(size), counts_{} {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    assert(stride[axis] <= size[axis]);
    const std::int64_t left = std::max<std::int64_t>(region.size[axis] - size[axis], 0);
    counts_[axis] = (left + stride[axis] - 1) / stride[axis] + 1;
  }
}

std::size_t PatchGrid::count() const {
  return static_cast<std::size_t>(counts_[0] * counts_[1] * counts_[2]);
}

Box PatchGrid::window(std::size_t index) const {
  const Triple at = place(index);
  return {{begin(0, at[0]), begin(1, at[1]), begin(2, at[2])}, size_};
}

Box PatchGrid::own(std::size_t index) const {
  const Triple at = place(index);
  Box own;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    own.begin[axis] = own_begin(axis, at[axis]);
    own.size[axis] = own_begin(axis, at[axis] + 1) - own.begin[axis];
  }
  return own;
}

Triple PatchGrid::place(std::size_t index) const {
  const auto number = static_cast<std::int64_t>(index);
  return {number / (counts_[1] * counts_[2]), number / counts_[2] % counts_[1],
          number % counts_[2]};
}

std::int64_t PatchGrid::begin(std::size_t axis, std::int64_t place) const {
  const std::int64_t left = region_.size[axis] - size_[axis];
  if (left < 0) return region_.begin[axis] - (-left) / 2;
  const std::int64_t steps = std::max<std::int64_t>(counts_[axis] - 1, 1);
  return region_.begin[axis] + (place * left + steps / 2) / steps;
}

// The border lies in the middle of the overlap of two neighbours.
std::int64_t PatchGrid::own_begin(std::size_t axis, std::int64_t place) const {
  if (place == 0) return region_.begin[axis];
  if (place == counts_[axis]) return region_.end(axis);
  return (begin(axis, place) + begin(axis, place - 1) + size_[axis]) / 2;
}

}  // namespace lucid
