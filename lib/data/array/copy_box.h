#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lucid {

// Where a box begins in an array in plain order.
struct BoxPlace {
  std::span<const std::int64_t> extents;  // of the array
  std::span<const std::int64_t> start;
};

// Copies the elements of a box from one array to another; all spans are of one length.
void copy_box(std::size_t element_bytes, std::span<const std::int64_t> count, const std::byte* from,
              const BoxPlace& from_place, std::byte* to, const BoxPlace& to_place);

}  // namespace lucid
