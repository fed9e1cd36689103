#pragma once
// Private to this room.

#include <cstddef>

#include "tensor/onednn.h"

namespace lucid {

// A tensor in an order that our kernels know as rows: (samples, volumes, depth, height, bytes of a
// row).
struct TensorRows {
  std::int64_t volumes, depth, height;
  std::size_t bytes;

  explicit TensorRows(const onednn::Layout& layout);

  std::size_t sample_bytes() const {
    return static_cast<std::size_t>(volumes * depth * height) * bytes;
  }
  // Copies a box of a sample that begins at (d, h), in which `box` counts. Rows outside the tensor
  // are zeros.
  void copy(const std::byte* sample, std::int64_t d, std::int64_t h, const TensorRows& box,
            std::byte* to) const;
};

}  // namespace lucid
