#include <utility>

#include "kernels/convolution/winograd.h"
#include "kernels/convolution/winograd_transforms.h"
#include "kernels/simd/vector.h"
#include "tensor/parallel.h"

namespace lucid::winograd {
namespace {

constexpr int kLanes = 8;  // divides the output lanes of a block, 8 or 16
using Value = Floats<kLanes>;

// Transforms the 3x3 taps of kLanes weights to 36 elements, `stride` apart.
LUCID_INLINE void transform_kernel(const Value (&taps)[kTaps][kTaps], float* to,
                                   std::int64_t stride) {
  Value rows[kTaps][kInputTile];
  for (std::int64_t i = 0; i < kTaps; ++i) transform(taps[i], rows[i]);
  for (std::int64_t j = 0; j < kInputTile; ++j) {
    const Value column[kTaps] = {rows[0][j], rows[1][j], rows[2][j]};
    Value transformed[kInputTile];
    transform(column, transformed);
    for (std::int64_t i = 0; i < kInputTile; ++i)
      store_lanes<kLanes>(transformed[i], to + (i * kInputTile + j) * stride);
  }
}

LUCID_CLONED(void, transform_block,
             (const float* weights, std::int64_t block, float* to, std::int64_t stride),
             (weights, block, to, stride)) {
  for (std::int64_t at = 0; at < block; at += kLanes) {
    Value taps[kTaps][kTaps];
    for (std::int64_t i = 0; i < kTaps * kTaps; ++i)
      load_lanes<kLanes>(weights + i * block + at, taps[i / kTaps][i % kTaps]);
    transform_kernel(taps, to + at, stride);
  }
}

// Does the same with the lanes of inputs and outputs exchanged, and the taps in the other order.
LUCID_CLONED(void, transform_reversed_block,
             (const float* weights, std::int64_t lanes, float* to, std::int64_t stride),
             (weights, lanes, to, stride)) {
  const std::int64_t block = lanes * lanes;
  for (std::int64_t row = 0; row < lanes; ++row)
    for (std::int64_t begin = 0; begin < lanes; begin += kLanes) {
      Value taps[kTaps][kTaps];
      for (std::int64_t i = 0; i < kTaps * kTaps; ++i) {
        const float* from = weights + (kTaps * kTaps - 1 - i) * block + row;
        Value tap;
        for (std::int64_t lane = 0; lane < kLanes; ++lane) tap[lane] = from[(begin + lane) * lanes];
        taps[i / kTaps][i % kTaps] = tap;
      }
      transform_kernel(taps, to + row * lanes + begin, stride);
    }
}

LUCID_CLONED(void, inverse_transform_block,
             (const float* from, std::int64_t stride, std::int64_t block, float* weights),
             (from, stride, block, weights)) {
  for (std::int64_t at = 0; at < block; at += kLanes) {
    Value rows[kTaps][kInputTile];
    for (std::int64_t j = 0; j < kInputTile; ++j) {
      Value column[kInputTile], sums[kTaps];
      for (std::int64_t i = 0; i < kInputTile; ++i)
        load_lanes<kLanes>(from + (i * kInputTile + j) * stride + at, column[i]);
      GradientPoints::inverse_transform(column, sums);
      for (std::int64_t i = 0; i < kTaps; ++i) rows[i][j] = sums[i];
    }
    for (std::int64_t i = 0; i < kTaps; ++i) {
      Value taps[kTaps];
      GradientPoints::inverse_transform(rows[i], taps);
      for (std::int64_t j = 0; j < kTaps; ++j)
        store_lanes<kLanes>(taps[j], weights + (i * kTaps + j) * block + at);
    }
  }
}

}  // namespace

void transform_filter(const FilterShape& of, const float* weights, float* transformed) {
  const std::int64_t block = of.lanes * of.lanes, kernel = kTaps * kTaps * block;
  parallel_for(of.output_blocks * of.input_blocks * of.depth, [&](std::int64_t i) {
    transform_block(weights + i * kernel, block, transformed + i * block, of.element_floats());
  });
}

void transform_reversed_filter(const FilterShape& of, const float* weights, float* transformed) {
  const std::int64_t block = of.lanes * of.lanes, kernel = kTaps * kTaps * block;
  parallel_for(of.output_blocks * of.input_blocks * of.depth, [&](std::int64_t i) {
    const std::int64_t depth = i % of.depth, input = i / of.depth % of.input_blocks;
    const std::int64_t output = i / of.depth / of.input_blocks;
    const std::int64_t to = (input * of.output_blocks + output) * of.depth + of.depth - 1 - depth;
    transform_reversed_block(weights + i * kernel, of.lanes, transformed + to * block,
                             of.element_floats());
  });
}

void transform_filter_gradient(const FilterShape& of, const float* transformed, float* weights) {
  const std::int64_t block = of.lanes * of.lanes, kernel = kTaps * kTaps * block;
  parallel_for(of.output_blocks * of.input_blocks * of.depth, [&](std::int64_t i) {
    inverse_transform_block(transformed + i * block, of.element_floats(), block,
                            weights + i * kernel);
  });
}

}  // namespace lucid::winograd
