#pragma once

#include <cstdint>
#include <span>

#include "base/triple.h"
#include "tensor/byte_scale.h"

// Convolutions of bytes by signed bytes with sums of 32 bits, which are exact.
namespace lucid::bytes {

// Describes a convolution of one group; dilation counts from 1. x and y lie in blocks of channels,
// (sample, block, voxel, lane).
struct Convolution {
  std::int64_t samples = 1, inputs = 1, outputs = 1;
  std::int64_t lanes = 16;  // of x: 16, or all inputs where the channels come last
  Triple input{}, output{}, kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1}, pad_low{};
  // A transposed convolution whose kernel is as large as its stride: no two voxels of x meet in
  // one of y. Without padding.
  bool is_transposed = false;
  bool has_plain_output = false;  // y of a single voxel is (sample, output); else 16 lanes

  std::int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  std::int64_t input_blocks() const { return (inputs + lanes - 1) / lanes; }
  std::int64_t output_blocks() const { return (outputs + 15) / 16; }
  // Sets of outputs that one voxel of x makes: one for each tap of a transposed convolution.
  std::int64_t phases() const { return is_transposed ? taps() : 1; }
  // Taps of the window that one voxel of a phase reads.
  Triple window() const { return is_transposed ? Triple{1, 1, 1} : kernel; }
  std::int64_t products() const { return inputs * (is_transposed ? 1 : taps()); }

  // Segments are the neighbouring bytes that a voxel reads: a row of the window, of one block.
  bool has_whole_rows() const { return window()[2] == 1 || dilation[2] == 1; }
  std::int64_t segment_count() const {
    return window()[0] * window()[1] * (has_whole_rows() ? 1 : window()[2]) * input_blocks();
  }
  std::int64_t segment_bytes() const { return (has_whole_rows() ? window()[2] : 1) * lanes; }
  std::int64_t quads() const { return (segment_bytes() + 3) / 4; }
  std::int64_t block_bytes() const { return segment_count() * quads() * 64; }  // of weights
  // Windows that stay inside of x are read where they lie.
  bool reads_in_place() const;
};

// No sum of so many products of bytes overflows.
inline constexpr std::int64_t kMostProducts = 65536;

// The weights as tiles read them, with what belongs to each output, padded to whole blocks.
struct PackedWeights {
  std::int64_t weight_bytes, padded_outputs;  // over all phases

  explicit PackedWeights(const Convolution& c);
  std::int64_t bytes() const { return weight_bytes + padded_outputs * 8; }
  // What each sum starts from: the zero of x times the weights, subtracted.
  std::int64_t start_offset() const { return weight_bytes; }
  std::int64_t scale_offset() const { return weight_bytes + padded_outputs * 4; }
};

// Rounds weights to -127 .. 127, with a scale for each output. `weight` is (output, input, tap), or
// (input, output, tap) of a transposed convolution. The sums are multiplied by the scales of x and
// of the weight, and divided by `y_scale`.
void pack_weights(const Convolution& c, std::span<const float> weight, ByteScale x, float y_scale,
                  std::uint8_t* packed);
void pack_bias(const Convolution& c, std::span<const float> bias, float y_scale, float* packed);

struct Operands {
  const std::uint8_t* x = nullptr;
  ByteScale x_scale{};
  const std::uint8_t* weights = nullptr;  // packed
  const float* bias = nullptr;            // packed; null: 0
  float slope = 1;                        // of y below 0
  float* y_floats = nullptr;              // one of the two is null
  std::uint8_t* y_bytes = nullptr;
  std::int32_t y_zero = 0;
};

std::int64_t scratch_bytes(const Convolution& c, int threads);

// The bits do not depend on the number of threads. `scratch` has scratch_bytes() of that many.
void convolve(const Convolution& c, const Operands& operands, int threads, std::uint8_t* scratch);

}  // namespace lucid::bytes
