#pragma once

#include <cstdint>
#include <vector>

#include "data/hdf5/file.h"

namespace lucid {

// Cuts a part of an array into boxes of one size, smaller at its end, in storage order.
class BoxGrid {
 public:
  BoxGrid(hdf5::Region part, std::vector<std::int64_t> box);
  BoxGrid(const Shape& whole, std::vector<std::int64_t> box);

  std::int64_t count() const { return count_; }
  hdf5::Region region(std::int64_t number) const;
  // Returns the numbers of the boxes that a region of the part touches.
  std::vector<std::int64_t> touched_by(const hdf5::Region& region) const;

 private:
  std::int64_t steps(std::size_t axis) const;

  hdf5::Region part_;
  std::vector<std::int64_t> box_;
  std::int64_t count_ = 1;
};

// Returns a box of whole chunks of about `bytes`, at least one chunk. It extends along the last
// axes first, where neighbours are contiguous.
std::vector<std::int64_t> box_of_chunks(const Shape& whole, std::vector<std::int64_t> chunk,
                                        std::size_t element_bytes, std::size_t bytes);

}  // namespace lucid
