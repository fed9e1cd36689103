#pragma once
// Private to this room.

#include "kernels/small_volume/kernels.h"

// Included by one source file for each instruction set, and local to it.
namespace lucid::small_volume {
namespace {

// Adds the products of the inputs of one block through one tap.
template <int kLanes, int kRows, int kVectors>
LUCID_INLINE void add_tap(const float* x, const float* w, std::int64_t weight_vector,
                          Floats<kLanes> (&sums)[kVectors][kRows]) {
  using V = Floats<kLanes>;
  for (const float* const end = x + kLanes; x < end; ++x, w += kLanes) {
    V weights[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) load_vector(w + v * weight_vector, weights[v]);
#pragma GCC unroll 16
    for (int row = 0; row < kRows; ++row) {
      V value;
      broadcast(x[row * kLanes], value);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[v][row] += weights[v] * value;
    }
  }
}

// Registers hold the sums of all rows and vectors: a vector of weights is read once for all rows,
// and an input once for all vectors.
template <int kLanes, int kRows, int kVectors>
void products(const Products& a) {
  Floats<kLanes> sums[kVectors][kRows]{};
  for (std::int64_t block = 0; block < a.blocks; ++block)
    for (std::int64_t d = 0; d < a.taps[0]; ++d)
      for (std::int64_t h = 0; h < a.taps[1]; ++h) {
        const float* x = a.x + block * a.x_block + d * a.x_step[0] + h * a.x_step[1];
        const float* w =
            a.weights + block * a.weight_block + d * a.weight_step[0] + h * a.weight_step[1];
        for (std::int64_t i = 0; i < a.taps[2]; ++i, x += a.x_step[2], w += a.weight_step[2])
          add_tap<kLanes, kRows, kVectors>(x, w, a.weight_vector, sums);
      }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v)
#pragma GCC unroll 16
    for (int row = 0; row < kRows; ++row)
      store_vector(sums[v][row], a.sums + (v * kRows + row) * kLanes);
}

template <int kLanes, int kRows, int kVectors>
constexpr ProductKernel kernel() {
  return {kRows, kVectors, &products<kLanes, kRows, kVectors>};
}

}  // namespace
}  // namespace lucid::small_volume
