#include "data/chunks/touched_chunks.h"

#include <algorithm>

namespace lucid {

TouchedChunks::TouchedChunks(const hdf5::Region& region, const std::vector<std::int64_t>& chunk,
                             const std::vector<std::int64_t>& array)
    : region_(region), chunk_(chunk), array_(array) {
  for (std::size_t axis = 0; axis < chunk.size(); ++axis) {
    const std::int64_t last = (region.start[axis] + region.count[axis] - 1) / chunk[axis];
    first_.push_back(region.start[axis] / chunk[axis]);
    count_.push_back(last - first_[axis] + 1);
    chunks_ *= count_[axis];
  }
}

TouchedChunk TouchedChunks::operator[](std::int64_t i) const {
  const std::size_t rank = chunk_.size();
  const std::vector<std::int64_t> zeros(rank);
  TouchedChunk touched{zeros, zeros, 0, {zeros, zeros}, zeros};
  std::uint64_t stride = 1;  // between the numbers of chunks
  for (std::size_t axis = rank; axis-- > 0;) {
    const std::int64_t index = first_[axis] + i % count_[axis], start = index * chunk_[axis];
    i /= count_[axis];
    touched.index[axis] = index;
    touched.start[axis] = start;
    touched.number += stride * static_cast<std::uint64_t>(index);
    stride *= static_cast<std::uint64_t>((array_[axis] + chunk_[axis] - 1) / chunk_[axis]);
    const std::int64_t low = std::max(region_.start[axis], start);
    const std::int64_t high =
        std::min(region_.start[axis] + region_.count[axis], start + chunk_[axis]);
    touched.part.start[axis] = low - start;
    touched.part.count[axis] = high - low;
    touched.target[axis] = low - region_.start[axis];
  }
  return touched;
}

}  // namespace lucid
