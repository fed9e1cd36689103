#pragma once
// Private to this room.

#include <cstddef>
#include <cstdint>

#include "data/array/box.h"
#include "tensor/shape.h"

namespace lucid {

// Where a plane's voxels lie in a sample of (C, D, H, W) values.
struct PlaneRows {
  Box window, counted;  // of the sample in its case; d of `window` is where the sample begins
  std::int64_t place;   // of the plane in the case

  // Calls visit(to, from) for each voxel of the plane that counts in the sample.
  template <class Visit>
  void walk(std::int64_t columns, const Visit& visit) const {
    for (std::int64_t h = counted.begin[1]; h < counted.end(1); ++h)
      for (std::int64_t w = counted.begin[2]; w < counted.end(2); ++w) {
        const std::int64_t from =
            ((place - window.begin[0]) * window.size[1] + h - window.begin[1]) * window.size[2] +
            w - window.begin[2];
        visit(static_cast<std::size_t>(h * columns + w), static_cast<std::size_t>(from));
      }
  }
};

inline Box whole(const Shape& shape) {
  const std::size_t rank = shape.rank();
  return {{0, 0, 0}, {shape[rank - 3], shape[rank - 2], shape[rank - 1]}};
}

inline bool has_plane(const Box& box, std::int64_t place) {
  return box.begin[0] <= place && place < box.end(0);
}

}  // namespace lucid
