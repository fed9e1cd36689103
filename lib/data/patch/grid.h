#pragma once

#include <cstddef>

#include "data/array/box.h"

namespace lucid {

// Windows of one size over a region, evenly spaced along each axis and at most `stride`, which is
// not beyond the size, apart: together they cover it. Where the region is smaller, there is one
// window, which hangs over on both sides, by an odd voxel more on the high one.
class PatchGrid {
 public:
  PatchGrid(const Box& region, const Triple& size, const Triple& stride);

  std::size_t count() const;
  Box window(std::size_t index) const;
  // The voxels of the region that are nearer to this window's middle than to any other's: those of
  // all windows are the region's, each once.
  Box own(std::size_t index) const;

 private:
  Triple place(std::size_t index) const;
  std::int64_t begin(std::size_t axis, std::int64_t place) const;
  std::int64_t own_begin(std::size_t axis, std::int64_t place) const;

  Box region_;
  Triple size_, counts_;
};

}  // namespace lucid
