#include "data/chunks/box_grid.h"

#include <algorithm>

namespace lucid {

BoxGrid::BoxGrid(hdf5::Region part, std::vector<std::int64_t> box)
    : part_(std::move(part)), box_(std::move(box)) {
  for (std::size_t axis = 0; axis < box_.size(); ++axis) count_ *= steps(axis);
}

BoxGrid::BoxGrid(const Shape& whole, std::vector<std::int64_t> box)
    : BoxGrid(hdf5::Region{std::vector<std::int64_t>(whole.rank(), 0), whole.extents()},
              std::move(box)) {}

std::int64_t BoxGrid::steps(std::size_t axis) const {
  return (part_.count[axis] + box_[axis] - 1) / box_[axis];
}

hdf5::Region BoxGrid::region(std::int64_t number) const {
  hdf5::Region region = part_;
  for (std::size_t axis = box_.size(); axis-- > 0;) {
    const std::int64_t at = number % steps(axis) * box_[axis];
    number /= steps(axis);
    region.start[axis] += at;
    region.count[axis] = std::min(box_[axis], part_.count[axis] - at);
  }
  return region;
}

std::vector<std::int64_t> BoxGrid::touched_by(const hdf5::Region& region) const {
  std::vector<std::int64_t> numbers{0};
  for (std::size_t axis = 0; axis < box_.size(); ++axis) {
    const std::int64_t first = region.start[axis] - part_.start[axis];
    const std::int64_t last = (first + region.count[axis] - 1) / box_[axis];
    std::vector<std::int64_t> longer;
    for (const std::int64_t number : numbers)
      for (std::int64_t step = first / box_[axis]; step <= last; ++step)
        longer.push_back(number * steps(axis) + step);
    numbers = std::move(longer);
  }
  return numbers;
}

std::vector<std::int64_t> box_of_chunks(const Shape& whole, std::vector<std::int64_t> chunk,
                                        std::size_t element_bytes, std::size_t bytes) {
  std::size_t size = element_bytes;
  for (const std::int64_t extent : chunk) size *= static_cast<std::size_t>(extent);
  for (std::size_t axis = chunk.size(); axis-- > 0;) {
    const auto most = static_cast<std::int64_t>(std::max<std::size_t>(1, bytes / size));
    const std::int64_t chunks = std::min(most, (whole[axis] + chunk[axis] - 1) / chunk[axis]);
    chunk[axis] *= chunks;
    size *= static_cast<std::size_t>(chunks);
  }
  return chunk;
}

}  // namespace lucid
