#pragma once

#include <cstdint>

#include "base/triple.h"
#include "kernels/winograd3d/kernels.h"

namespace lucid::winograd3d {

// A convolution of 3x3x3 taps and stride 1 on blocked tensors (samples, blocks, D, H, W, lanes).
// Where taps are dilated, every dilation-th voxel along each axis makes a volume of its own, whose
// taps are neighbours; tiles are of such a volume.
struct Geometry {
  std::int64_t samples = 1;
  std::int64_t inputs = 1, outputs = 1;  // channels of whole blocks
  std::int64_t used_inputs = 1;          // the others are zeros
  std::int64_t lanes = 16;
  Triple input{}, output{}, padding{};  // padding on the low side
  Triple dilation{1, 1, 1};
  Type input_type = Type::kFloat, output_type = Type::kFloat;

  std::int64_t input_blocks() const { return inputs / lanes; }
  std::int64_t output_blocks() const { return outputs / lanes; }
  std::int64_t input_voxels() const { return input[0] * input[1] * input[2]; }
  std::int64_t output_voxels() const { return output[0] * output[1] * output[2]; }
  // The floats between the elements of transformed weights, which are no power of two: a weight's
  // 144 elements would share the same lines of a cache.
  std::int64_t weight_element() const { return inputs * outputs + lanes; }
  // Tiles of 2x4x4 output voxels in each of the volumes() that dilation makes of a sample.
  Triple tiles() const;
  std::int64_t volumes() const { return dilation[0] * dilation[1] * dilation[2]; }
  std::int64_t tile_count() const {
    return samples * volumes() * tiles()[0] * tiles()[1] * tiles()[2];
  }

  // The floats between the transformed elements of so many tiles' inputs or outputs: an odd number
  // of a cache's lines, so that the elements of a tile do not share the same lines.
  std::int64_t input_element(std::int64_t tiles) const;
  std::int64_t output_element(std::int64_t tiles) const;

  // The first output voxel of a tile. Tiles are numbered along w, then along d, so that those
  // computed one after the other read the same rows.
  struct Place {
    std::int64_t sample, d, h, w;
  };
  Place place(std::int64_t tile) const;
  // How many of the tiles first .. first + count - 1 are in the first one's row.
  std::int64_t tiles_of_row(std::int64_t first, std::int64_t count) const;
  // What tiles from `at` on read of one block of inputs or of output gradients.
  InputRow input_row(const Place& at, std::int64_t tiles, const void* block) const;
  GradientRow gradient_row(const Place& at, std::int64_t tiles, const void* block) const;
  // Where a tile is written in one block of outputs, as far as it is inside.
  OutputTile output_tile(const Place& at, void* block) const;
  // Where its maxima of 2x2x2 voxels go in one block of pooled outputs, and of their places, which
  // may be null. The outputs' extents are even, without dilation.
  PooledTile pooled_tile(const Place& at, void* block, std::uint8_t* index) const;
  std::int64_t pooled_voxels() const { return output_voxels() / 8; }
};

// The element at an index.
inline const void* element_at(const void* tensor, Type type, std::int64_t index) {
  return static_cast<const char*>(tensor) + index * (type == Type::kFloat ? 4 : 2);
}
inline void* element_at(void* tensor, Type type, std::int64_t index) {
  return static_cast<char*>(tensor) + index * (type == Type::kFloat ? 4 : 2);
}

}  // namespace lucid::winograd3d
