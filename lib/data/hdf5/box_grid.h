#pragma once

#include <cstdint>
#include <vector>

#include "data/hdf5/file.h"

namespace lucid {

// A part of an array cut into boxes of one size, those at its end smaller, in stored order.
class BoxGrid {
 public:
  BoxGrid(hdf5::Region part, std::vector<std::int64_t> box);
  BoxGrid(const Shape& whole, std::vector<std::int64_t> box);

  std::int64_t count() const { return count_; }
  hdf5::Region region(std::int64_t number) const;

 private:
  std::int64_t steps(std::size_t axis) const;

  hdf5::Region part_;
  std::vector<std::int64_t> box_;
  std::int64_t count_ = 1;
};

// A box of whole chunks of about `bytes`, at least one, that is as long as can be along the last
// axes, where neighbours lie together.
std::vector<std::int64_t> box_of_chunks(const Shape& whole, std::vector<std::int64_t> chunk,
                                        std::size_t element_bytes, std::size_t bytes);

}  // namespace lucid
