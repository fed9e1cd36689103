#pragma once
// Private to this room.

#include <algorithm>

#include "kernels/depthwise/depthwise.h"
#include "kernels/simd/epilogue.h"

namespace lucid::depthwise {

struct Range {
  std::int64_t begin, end;  // empty where end is not larger
};

LUCID_INLINE std::int64_t ceil_divide(std::int64_t a, std::int64_t b) {  // of any a
  return a > 0 ? (a + b - 1) / b : -(-a / b);
}

// Taps along an axis that read inside the input for one output.
LUCID_INLINE Range taps_of(const DepthwiseGeometry& g, std::size_t axis, std::int64_t output) {
  const std::int64_t first = output * g.stride[axis] - g.padding[axis];
  const std::int64_t dilation = g.dilation[axis];
  return {std::max<std::int64_t>(0, ceil_divide(-first, dilation)),
          std::min(g.kernel[axis], ceil_divide(g.input[axis] - first, dilation))};
}

// One row of a block's output.
struct Row {
  const float *x, *weights;  // of the block: its volume, its lanes of the first tap
  std::int64_t d, h;
  Range taps_d, taps_h;
  const float* bias;  // of the block
  float slope;        // of LeakyReLU
  float* y;
};

using RowFunction = void (*)(const DepthwiseGeometry&, const Row&);

// A function for kernels of `taps` taps along w that stand side by side, and for one stride.
struct KnownRow {
  std::int64_t lanes = 0, taps = 0, stride = 0;  // 0 lanes at the end of a list
  RowFunction compute = nullptr;
};
extern const KnownRow kAvx512Rows[], kAvx2Rows[];

// Calls body for the taps along d and h with the beginning of the input's row that they read and
// the weights of their first tap along w.
template <class Body>
LUCID_INLINE void for_rows_read(const DepthwiseGeometry& g, const Row& row, const Body& body) {
  for (std::int64_t i = row.taps_d.begin; i < row.taps_d.end; ++i)
    for (std::int64_t j = row.taps_h.begin; j < row.taps_h.end; ++j) {
      const std::int64_t d = row.d * g.stride[0] - g.padding[0] + i * g.dilation[0];
      const std::int64_t h = row.h * g.stride[1] - g.padding[1] + j * g.dilation[1];
      body(row.x + (d * g.input[1] + h) * g.input[2] * g.lanes,
           row.weights + (i * g.kernel[1] + j) * g.kernel[2] * g.channels());
    }
}

// Computes kCount outputs from w on from the taps along w that all of them have.
template <int kLanes, int kCount>
LUCID_INLINE void compute_any(const DepthwiseGeometry& g, const Row& row, std::int64_t w,
                              const Range& taps) {
  Floats<kLanes> sums[static_cast<std::size_t>(kCount)];
#pragma GCC unroll 8
  for (int t = 0; t < kCount; ++t) load_lanes<kLanes>(row.bias, sums[t]);
  for_rows_read(g, row, [&](const float* x, const float* weights) LUCID_ALWAYS_INLINE {
    for (std::int64_t k = taps.begin; k < taps.end; ++k) {
      const float* from = x + (w * g.stride[2] - g.padding[2] + k * g.dilation[2]) * kLanes;
      Floats<kLanes> weight;
      load_lanes<kLanes>(weights + k * g.channels(), weight);
#pragma GCC unroll 8
      for (int t = 0; t < kCount; ++t) {
        Floats<kLanes> value;
        load_lanes<kLanes>(from + t * g.stride[2] * kLanes, value);
        sums[t] += value * weight;
      }
    }
  });
#pragma GCC unroll 8
  for (int t = 0; t < kCount; ++t)
    store_leaky_relu<kLanes>(sums[t], row.slope, row.y + (w + t) * kLanes);
}

}  // namespace lucid::depthwise
