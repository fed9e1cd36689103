#pragma once
// Private to this room.

#include "kernels/small_volume/kernels.h"

// Included by one source file for each instruction set, and local to it.
namespace lucid::small_volume {
namespace {

// Adds the products of the rows of one pair of voxels.
template <int kLanes, int kInputs, int kVectors>
LUCID_INLINE void add_rows(const float* x, const float* dy, std::int64_t rows,
                           std::int64_t dy_vector, Floats<kLanes> (&sums)[kVectors][kInputs]) {
  using V = Floats<kLanes>;
  for (; rows > 0; --rows, x += kLanes, dy += kLanes) {
    V gradients[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) load_vector(dy + v * dy_vector, gradients[v]);
#pragma GCC unroll 16
    for (int i = 0; i < kInputs; ++i) {
      V input;
      broadcast(x[i], input);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[v][i] += gradients[v] * input;
    }
  }
}

// The sums begin at zero: adding products to a sum of few keeps more digits than adding them to
// all there were.
template <int kLanes, int kInputs, int kVectors>
void gradient_products(const GradientProducts& a) {
  using V = Floats<kLanes>;
  V sums[kVectors][kInputs]{};
  for (std::int64_t d = 0; d < a.voxels[0]; ++d)
    for (std::int64_t h = 0; h < a.voxels[1]; ++h) {
      const float* x = a.x + d * a.x_step[0] + h * a.x_step[1];
      const float* dy = a.dy + d * a.dy_step[0] + h * a.dy_step[1];
      for (std::int64_t w = 0; w < a.voxels[2]; ++w, x += a.x_step[2], dy += a.dy_step[2])
        add_rows<kLanes, kInputs, kVectors>(x, dy, a.rows, a.dy_vector, sums);
    }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v)
#pragma GCC unroll 16
    for (int i = 0; i < kInputs; ++i) {
      float* const to = a.sums + v * a.sum_vector + i * kLanes;
      V before{};
      if (a.adds) load_vector(to, before);
      store_vector(V(before + sums[v][i]), to);
    }
}

template <int kLanes, int kInputs, int kVectors>
constexpr GradientKernel gradient_kernel() {
  return {kInputs, kVectors, &gradient_products<kLanes, kInputs, kVectors>};
}

}  // namespace
}  // namespace lucid::small_volume
