#pragma once
// Private to this room.

#include <algorithm>

#include "kernels/simd/clones.h"
#include "kernels/small_channel/gradient_tile.h"
#include "kernels/small_channel/group.h"

// Included by one source file for each instruction set, and local to it.
namespace lucid::small_channel {
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

// Adds the products of a row of dy with the rows of x that its taps read. Registers hold all sums,
// and dy of as many voxels as there are columns of taps: each group of inputs is read once.
template <int Lanes, int Group, int Rows, int Groups, int Columns>
inline LUCID_ALWAYS_INLINE void add_row(const GradientArguments& a, const OutputRow& row,
                                        Floats<Lanes> (&sums)[Rows * Groups * Columns]) {
  using V = Floats<Lanes>;
  const std::int64_t step = a.x_step;
  const std::int64_t whole = std::clamp<std::int64_t>(a.dy_voxels - a.padding, 0, a.x_voxels);
  const std::int64_t all = std::min(a.x_voxels, a.dy_voxels - a.padding + Columns - 1);
  V dy[Columns];
  const auto dy_of = [&](std::int64_t voxel, V& to) LUCID_ALWAYS_INLINE {
    if (voxel >= 0 && voxel < a.dy_voxels)
      load_outputs<Lanes, Group>(row.dy + voxel * Lanes, to);
    else
      to = V{};
  };
#pragma GCC unroll 8
  for (int column = 1; column < Columns; ++column) dy_of(a.padding - column, dy[column]);
  const float* x[Rows];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) x[i] = row.x[static_cast<unsigned>(i)];
  const float* next = row.dy + a.padding * Lanes;
  for (std::int64_t i = 0; i < all; ++i, next += Lanes) {
    if (i < whole)
      load_outputs<Lanes, Group>(next, dy[0]);
    else
      dy[0] = V{};
    __builtin_prefetch(next + kAhead * Lanes);
#pragma GCC unroll 32
    for (int input = 0; input < Rows * Groups; ++input) {
      V inputs;
      broadcast_group<Lanes, Group>(x[input / Groups] + i * step + input % Groups * Group, inputs);
#pragma GCC unroll 8
      for (int column = 0; column < Columns; ++column)
        sums[input * Columns + column] += dy[column] * inputs;
    }
#pragma GCC unroll 8
    for (int column = Columns - 1; column > 0; --column) dy[column] = dy[column - 1];
  }
}

// Sums from 0, and adds that to the total after some rows: so it rounds less.
template <int Lanes, int Group, int Rows, int Groups, int Columns>
void gradient_products(const GradientArguments& a) {
  using V = Floats<Lanes>;
  constexpr int kSums = Rows * Groups * Columns;
  const OutputRow* const end = a.rows + a.row_count;
  for (const OutputRow* row = a.rows; row != end;) {
    V sums[kSums];
#pragma GCC unroll 32
    for (int i = 0; i < kSums; ++i) sums[i] = V{};
    for (const OutputRow* stop = row + std::min(a.rows_at_a_time, end - row); row != stop; ++row)
      add_row<Lanes, Group, Rows, Groups, Columns>(a, *row, sums);
#pragma GCC unroll 32
    for (int i = 0; i < kSums; ++i) {
      V total;
      load_vector(a.sums + i * Lanes, total);
      store_vector(total + sums[i], a.sums + i * Lanes);
    }
  }
}

template <int Lanes, int Group, int Rows, int Groups, int Columns>
constexpr GradientTile gradient_tile() {
  return {Lanes,  Group,   Rows,
          Groups, Columns, &gradient_products<Lanes, Group, Rows, Groups, Columns>};
}

}  // namespace
}  // namespace lucid::small_channel
