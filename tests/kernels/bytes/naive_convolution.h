#pragma once

#include <cstdint>
#include <vector>

#include "kernels/bytes/convolution.h"

// A convolution of bytes by its definition.
namespace lucid::test {

using bytes::Convolution;

inline constexpr ByteScale kOfX{0.05F, 7};

inline std::int64_t volume(const Triple& extents) { return extents[0] * extents[1] * extents[2]; }

// Numbers in the places of a layout of blocks.
template <class Number>
Number at(const std::vector<Number>& values, const Triple& extents, std::int64_t blocks,
          std::int64_t lanes, std::int64_t sample, std::int64_t channel, std::int64_t voxel) {
  const std::int64_t block = sample * blocks + channel / lanes;
  return values[static_cast<std::size_t>((block * volume(extents) + voxel) * lanes +
                                         channel % lanes)];
}

// Random bytes for x, in its layout; random weights and bias in PyTorch's order.
struct Numbers {
  explicit Numbers(const Convolution& c);

  float of(const Convolution& c, std::int64_t output, std::int64_t input, std::int64_t tap) const;
  // The weight's scale is that of all weights with which the same output of the same phase is made.
  float scale(const Convolution& c, std::int64_t output, std::int64_t tap) const;

  std::vector<std::uint8_t> x;
  std::vector<float> weight, bias;
};

// What becomes of a sum.
struct Finish {
  float scale = 1, slope = 1, zero = 0;
};

struct Place {
  std::int64_t sample, output;
  Triple voxel;
};

// One output: an integer sum, then one product and one sum of floats.
float expected(const Convolution& c, const Numbers& numbers, const Place& to, const Finish& f);

}  // namespace lucid::test
