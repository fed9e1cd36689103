#pragma once

#include <algorithm>

#include "kernels/simd/clones.h"
#include "kernels/small_channel/gradient_tile.h"
#include "kernels/small_channel/group.h"

// Included by one source file for each instruction set, and local to it.
namespace lucid::narrow {
namespace {

// Voxels of dy: processors foresee their order, but ask for them too late.
constexpr std::int64_t kAhead = 96;

// The lanes of a voxel of dy, each as often as a group has inputs.
template <int Lanes, int Group>
inline void load_outputs(const float* from, Floats<Lanes>& to) {
  load_vector(from, to);
  if constexpr (Group == 2 && Lanes == 16)
    to = __builtin_shufflevector(to, to, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
  else if constexpr (Group == 2)
    to = __builtin_shufflevector(to, to, 0, 0, 1, 1, 2, 2, 3, 3);
}

// Registers hold all sums, and dy of as many voxels as there are columns of taps: each group of
// inputs is read once for all of them.
template <int Lanes, int Group, int Rows, int Groups, int Columns>
void gradient_products(const GradientArguments& a) {
  using V = Floats<Lanes>;
  constexpr int kInputs = Rows * Groups;
  V sums[kInputs * Columns];  // from 0, and added to the total at the end: that rounds less
#pragma GCC unroll 32
  for (int i = 0; i < kInputs * Columns; ++i) sums[i] = V{};
  const std::int64_t step = a.x_step;
  const std::int64_t whole = std::clamp<std::int64_t>(a.dy_voxels - a.padding, 0, a.x_voxels);
  const std::int64_t all = std::min(a.x_voxels, a.dy_voxels - a.padding + Columns - 1);
  for (const Run* run = a.runs; run != a.runs + a.run_count; ++run) {
    V dy[Columns];
    const auto dy_of = [&](std::int64_t voxel, V& to) LUCID_ALWAYS_INLINE {
      if (voxel >= 0 && voxel < a.dy_voxels)
        load_outputs<Lanes, Group>(run->dy + voxel * Lanes, to);
      else
        to = V{};
    };
#pragma GCC unroll 8
    for (int column = 1; column < Columns; ++column) dy_of(a.padding - column, dy[column]);
    const float* x[Rows];
#pragma GCC unroll 16
    for (int row = 0; row < Rows; ++row) x[row] = run->x[static_cast<unsigned>(row)];
    const auto multiply = [&](std::int64_t at) LUCID_ALWAYS_INLINE {
#pragma GCC unroll 32
      for (int i = 0; i < kInputs; ++i) {
        V inputs;
        broadcast_group<Lanes, Group>(x[i / Groups] + at + i % Groups * Group, inputs);
#pragma GCC unroll 8
        for (int column = 0; column < Columns; ++column)
          sums[i * Columns + column] += dy[column] * inputs;
      }
#pragma GCC unroll 8
      for (int column = Columns - 1; column > 0; --column) dy[column] = dy[column - 1];
    };
    const float* next = run->dy + a.padding * Lanes;
    for (std::int64_t i = 0; i < all; ++i, next += Lanes) {
      if (i < whole)
        load_outputs<Lanes, Group>(next, dy[0]);
      else
        dy[0] = V{};
      __builtin_prefetch(next + kAhead * Lanes);
      multiply(i * step);
    }
  }
#pragma GCC unroll 32
  for (int i = 0; i < kInputs * Columns; ++i) {
    V total;
    load_vector(a.sums + i * Lanes, total);
    store_vector(total + sums[i], a.sums + i * Lanes);
  }
}

template <int Lanes, int Group, int Rows, int Groups, int Columns>
constexpr GradientTile gradient_tile() {
  return {Lanes,  Group,   Rows,
          Groups, Columns, &gradient_products<Lanes, Group, Rows, Groups, Columns>};
}

}  // namespace
}  // namespace lucid::narrow
