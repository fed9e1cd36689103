#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lucid {

// The array that holds a box, in row-major order, and the box's first element.
struct BoxPlace {
  std::span<const std::int64_t> extents;  // of the array
  std::span<const std::int64_t> start;
};

// Copies the elements of a box from one array to another; all spans have the same length.
void copy_box(std::size_t element_bytes, std::span<const std::int64_t> count, const std::byte* from,
              const BoxPlace& from_place, std::byte* to, const BoxPlace& to_place);

// Sets every element of a box of an array.
void fill_box(std::span<const std::byte> element, std::span<const std::int64_t> count,
              std::byte* to, const BoxPlace& to_place);

}  // namespace lucid
