#pragma once
// Private to this room.

#include <algorithm>

#include "kernels/simd/epilogue.h"
#include "kernels/small_channel/group.h"
#include "kernels/small_channel/tile.h"

// Included by one source file for each instruction set, and local to it.
namespace lucid::small_channel {
namespace {

template <int Lanes, int Group>
inline void store_outputs(const Floats<Lanes>& sums, float slope, float* y) {
  using Half = Floats<Lanes / 2>;
  if constexpr (Group == 2) {  // the sums of both inputs; the other channels are zeros
    Half first, second;
    if constexpr (Lanes == 16) {
      first = __builtin_shufflevector(sums, sums, 0, 2, 4, 6, 8, 10, 12, 14);
      second = __builtin_shufflevector(sums, sums, 1, 3, 5, 7, 9, 11, 13, 15);
    } else {
      first = __builtin_shufflevector(sums, sums, 0, 2, 4, 6);
      second = __builtin_shufflevector(sums, sums, 1, 3, 5, 7);
    }
    const Half all = first + second;
    store_leaky_relu<Lanes / 2>(all, slope, y);
    store_vector(Half{}, y + Lanes / 2);
  } else {
    const auto* halves = reinterpret_cast<const Half*>(&sums);
    store_leaky_relu<Lanes / 2>(halves[0], slope, y);
    store_leaky_relu<Lanes / 2>(halves[1], slope, y + Lanes / 2);
  }
}

// Registers hold the sums of all voxels, and the weights of a row of taps: a group of inputs is
// read once for all the taps that need it.
template <int Lanes, int Group, int Voxels, int Columns>
void products(const TileArguments& a) {
  using V = Floats<Lanes>;
  V sums[Voxels];
#pragma GCC unroll 32
  for (int v = 0; v < Voxels; ++v) load_vector(a.bias, sums[v]);
  for (std::int64_t plane = 0; plane < a.planes; ++plane)
    for (std::int64_t row = 0; row < a.rows; ++row) {
      const float* w = a.weights + plane * a.weights_plane + row * a.weights_row;
      std::int64_t groups = a.groups;
      for (std::int64_t block = 0; block < a.blocks; ++block, groups -= Lanes / Group) {
        const float* x = a.x + plane * a.x_plane + row * a.x_row + block * a.x_block;
        const float* const end = x + std::min<std::int64_t>(groups * Group, Lanes);
        for (; x < end; x += Group, w += Columns * Lanes) {
          V weights[Columns];
#pragma GCC unroll 32
          for (int column = 0; column < Columns; ++column)
            load_vector(w + column * Lanes, weights[column]);
#pragma GCC unroll 32
          for (int i = 0; i < Voxels + Columns - 1; ++i) {
            if (i < Columns - 1 && i < a.begin) continue;
            if (i >= Voxels && i >= a.end) continue;
            V inputs;
            broadcast_group<Lanes, Group>(x + i * Lanes, inputs);
#pragma GCC unroll 32
            for (int column = 0; column < Columns; ++column)
              if (i >= column && i - column < Voxels) sums[i - column] += weights[column] * inputs;
          }
        }
      }
    }
#pragma GCC unroll 32
  for (int v = 0; v < Voxels; ++v) store_outputs<Lanes, Group>(sums[v], a.slope, a.y + v * Lanes);
}

template <int Lanes, int Group, int Voxels, int Columns>
constexpr Tile tile() {
  return {Lanes, Group, Voxels, Columns, &products<Lanes, Group, Voxels, Columns>};
}

}  // namespace
}  // namespace lucid::small_channel
