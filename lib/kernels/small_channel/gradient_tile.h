#pragma once
// Private to this room.

#include <array>
#include <cstdint>

// The innermost loops of the weight gradient of a convolution from or into few channels, one set of
// them for each instruction set.
namespace lucid::small_channel {

inline constexpr int kMostRows = 9;  // of taps, of a tile

// A row of dy, and the row of x that each row of taps reads for it.
struct OutputRow {
  const float* dy;
  std::array<const float*, kMostRows> x;
};

// Inputs go in groups, as for a SmallChannelConvolution.
struct GradientArguments {
  const OutputRow* rows;
  std::int64_t row_count;
  std::int64_t rows_at_a_time;  // that are summed up before they meet the sums of the others
  std::int64_t x_step;          // from voxel to voxel: 1 where x is plain
  std::int64_t x_voxels, dy_voxels;
  std::int64_t padding;  // voxel i of x and column c of the taps belong to dy's i + padding - c
  float* sums;           // (row of taps, group, column, lane), which grow
};

// Computes so many rows of taps and groups of inputs, neighbours in x, at a time.
struct GradientTile {
  int lanes, group, rows, groups, columns;
  void (*run)(const GradientArguments&);
};

// Zero-terminated lists, best tiles first.
extern const GradientTile kGradientAvx2[], kGradientAvx512[];

}  // namespace lucid::small_channel
