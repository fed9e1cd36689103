#include "data/array/copy_box.h"

#include <cassert>
#include <cstring>
#include <vector>

#include "kernels/simd/clones.h"

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

void fill_row(std::span<const std::byte> element, std::byte* to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i, to += element.size())
    std::memcpy(to, element.data(), element.size());
}

template <class Pointer>
struct Rows {
  Pointer first;
  std::size_t stride;
};

// Rows of chunks are short, and a call of memcpy costs as much as the copy: short rows are copied
// here by whole vectors.
LUCID_CLONED(void, copy_rows,
             (Rows<const std::byte*> from, Rows<std::byte*> to, std::int64_t count,
              std::size_t run),
             (from, to, count, run)) {
  constexpr std::size_t kVector = 32, kLong = 1024;
  const bool is_short = run % kVector == 0 && run <= kLong;
  for (std::int64_t i = 0; i < count; ++i, from.first += from.stride, to.first += to.stride) {
    if (is_short)
      for (std::size_t byte = 0; byte < run; byte += kVector)
        std::memcpy(to.first + byte, from.first + byte, kVector);
    else
      std::memcpy(to.first, from.first, run);
  }
}

}  // namespace

void copy_box(std::size_t element_bytes, std::span<const std::int64_t> count, const std::byte* from,
              const BoxPlace& from_place, std::byte* to, const BoxPlace& to_place) {
  const std::vector<std::size_t> from_strides = byte_strides(element_bytes, from_place.extents);
  const std::vector<std::size_t> to_strides = byte_strides(element_bytes, to_place.extents);
  from += index_of(from_place) * element_bytes;
  to += index_of(to_place) * element_bytes;
  // Trailing axes that both arrays hold in full merge with the axis before them into one run.
  std::size_t outer = count.size(), run = element_bytes;
  for (bool is_whole = true; outer > 0 && is_whole;) {
    --outer;
    run *= static_cast<std::size_t>(count[outer]);
    is_whole = count[outer] == from_place.extents[outer] && count[outer] == to_place.extents[outer];
  }
  if (outer == 0) {
    std::memcpy(to, from, run);
    return;
  }
  --outer;  // the axis of the rows
  std::vector<std::int64_t> at(outer, 0);
  while (true) {
    copy_rows({from, from_strides[outer]}, {to, to_strides[outer]}, count[outer], run);
    std::size_t axis = outer;
    for (; axis > 0; --axis) {  // counts up like an odometer
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

void fill_box(std::span<const std::byte> element, std::span<const std::int64_t> count,
              std::byte* to, const BoxPlace& to_place) {
  if (count.empty()) return fill_row(element, to, 1);
  const std::vector<std::size_t> strides = byte_strides(element.size(), to_place.extents);
  const std::size_t last = count.size() - 1;
  std::int64_t rows = 1;
  for (std::size_t axis = 0; axis < last; ++axis) rows *= count[axis];
  to += index_of(to_place) * element.size();
  for (std::int64_t row = 0; row < rows; ++row) {
    std::size_t offset = 0;
    for (std::size_t axis = last, rest = static_cast<std::size_t>(row); axis-- > 0;) {
      const auto extent = static_cast<std::size_t>(count[axis]);
      offset += rest % extent * strides[axis];
      rest /= extent;
    }
    fill_row(element, to + offset, count[last]);
  }
}

}  // namespace lucid
