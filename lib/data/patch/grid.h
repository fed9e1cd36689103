#pragma once
// Private to this room.

#include <cstddef>

#include "data/array/box.h"

namespace lucid {

// Windows of one size that cover a region, evenly spaced along each axis at a distance of at most
// `stride`, which may not exceed the size. A smaller region gets one centred window that extends
// beyond both sides; an odd voxel goes to the high side.
class PatchGrid {
 public:
  PatchGrid(const Box& region, const Triple& size, const Triple& stride);

  std::size_t count() const;
  Box window(std::size_t index) const;
  // Returns the voxels of the region that are closest to this window's centre. Over all windows
  // they cover the region once.
  Box own(std::size_t index) const;

 private:
  Triple place(std::size_t index) const;
  std::int64_t begin(std::size_t axis, std::int64_t place) const;
  std::int64_t own_begin(std::size_t axis, std::int64_t place) const;

  Box region_;
  Triple size_, counts_;
};

}  // namespace lucid
