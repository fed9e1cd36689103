#pragma once
// Private to this room.

#include <algorithm>

#include "kernels/winograd3d/kernels.h"

// Included by one source file for each instruction set, and local to it.
namespace lucid::winograd3d {
namespace {

// Registers hold the sums of all tiles and vectors: a vector of weights is read once for all
// tiles, and an input once for all vectors.
template <int kLanes, int kTiles, int kVectors>
void products(const Products& a) {
  using V = Floats<kLanes>;
  V sums[kVectors][kTiles]{};
  const float* w = a.weights;
  const float* first = a.tiles;
  for (std::int64_t inputs = a.inputs; inputs > 0; inputs -= kLanes, first += a.block) {
    const float* const end = first + std::min<std::int64_t>(inputs, kLanes);
    for (const float* x = first; x < end; ++x, w += kVectors * kLanes) {
      V weights[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) load_vector(w + v * kLanes, weights[v]);
#pragma GCC unroll 32
      for (int t = 0; t < kTiles; ++t) {
        V value;
        broadcast(x[t * kLanes], value);
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sums[v][t] += weights[v] * value;
      }
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v)
#pragma GCC unroll 32
    for (int t = 0; t < kTiles; ++t) store_vector(sums[v][t], a.sums + v * a.vector + t * kLanes);
}

// Registers hold the sums of all inputs of the block. They begin at zero: adding products to a
// sum of few keeps more digits than adding them to all there were.
template <int kLanes>
void add_products(const GradientProducts& a) {
  using V = Floats<kLanes>;
  V sums[kLanes]{};
  const float* x = a.inputs;
  const float* dy = a.gradients;
  for (std::int64_t t = 0; t < a.tiles; ++t, x += kLanes, dy += kLanes) {
    V gradients;
    load_vector(dy, gradients);
#pragma GCC unroll 32
    for (int i = 0; i < kLanes; ++i) {
      V input;
      broadcast(x[i], input);
      sums[i] += gradients * input;
    }
  }
#pragma GCC unroll 32
  for (int i = 0; i < kLanes; ++i) {
    V before;
    load_vector(a.sums + i * kLanes, before);
    store_vector(V(before + sums[i]), a.sums + i * kLanes);
  }
}

template <int kLanes, int kTiles, int kVectors>
constexpr ProductKernel kernel() {
  return {kTiles, kVectors, &products<kLanes, kTiles, kVectors>};
}

}  // namespace
}  // namespace lucid::winograd3d
