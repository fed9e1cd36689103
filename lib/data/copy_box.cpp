#include "data/copy_box.h"

#include <cassert>
#include <cstring>
#include <vector>

namespace lucid {
namespace {

std::size_t index_of(const BoxPlace& place) {
  std::int64_t index = 0;
  for (std::size_t axis = 0; axis < place.extents.size(); ++axis)
    index = index * place.extents[axis] + place.start[axis];
  return static_cast<std::size_t>(index);
}

std::vector<std::size_t> byte_strides(std::size_t element_bytes,
                                      std::span<const std::int64_t> extents) {
  std::vector<std::size_t> strides(extents.size());
  std::size_t stride = element_bytes;
  for (std::size_t axis = extents.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= static_cast<std::size_t>(extents[axis]);
  }
  return strides;
}

}  // namespace

void copy_box(std::size_t element_bytes, std::span<const std::int64_t> count, const std::byte* from,
              const BoxPlace& from_place, std::byte* to, const BoxPlace& to_place) {
  const std::vector<std::size_t> from_strides = byte_strides(element_bytes, from_place.extents);
  const std::vector<std::size_t> to_strides = byte_strides(element_bytes, to_place.extents);
  from += index_of(from_place) * element_bytes;
  to += index_of(to_place) * element_bytes;
  // Axes that both arrays have whole are copied at once with the one before them.
  std::size_t outer = count.size(), run = element_bytes;
  for (bool is_whole = true; outer > 0 && is_whole;) {
    --outer;
    run *= static_cast<std::size_t>(count[outer]);
    is_whole = count[outer] == from_place.extents[outer] && count[outer] == to_place.extents[outer];
  }
  std::vector<std::int64_t> at(outer, 0);
  while (true) {
    std::memcpy(to, from, run);
    std::size_t axis = outer;
    for (; axis > 0; --axis) {  // as an odometer
      from += from_strides[axis - 1];
      to += to_strides[axis - 1];
      if (++at[axis - 1] < count[axis - 1]) break;
      from -= from_strides[axis - 1] * static_cast<std::size_t>(count[axis - 1]);
      to -= to_strides[axis - 1] * static_cast<std::size_t>(count[axis - 1]);
      at[axis - 1] = 0;
    }
    if (axis == 0) return;
  }
}

}  // namespace lucid
