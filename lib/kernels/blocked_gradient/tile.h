#pragma once

#include <array>
#include <cstdint>

// The innermost loops of a convolution's weight gradient, one set of them for each instruction set.
namespace lucid::weight_gradient {

constexpr int kMostTaps = 9;  // of a tile

// Neighbouring voxels of one row of the output, with what each tap reads at the first of them.
struct Run {
  std::int64_t dy;  // from the start of a block of output channels
  std::int64_t voxels;
  std::array<const float*, kMostTaps> x;
};

// Sums of products over the voxels v of all runs. dw[o][p][k][lane] becomes, or where it
// accumulates grows by, the sum of dy[o][v][lane] * x[p][v * x_step + k]: o counts blocks of output
// channels, p taps and k neighbours in x.
struct TileArguments {
  const Run* runs;
  std::int64_t run_count;
  const float* dy;
  std::int64_t dy_block_stride;
  std::int64_t x_offset;  // added to what every tap reads
  std::int64_t x_step;
  float* dw;
  std::array<std::int64_t, kMostTaps> dw_taps;
  std::int64_t dw_input_stride;
  std::int64_t dw_block_stride;
  bool accumulates;
};

// How many blocks of output channels, taps and inputs the function takes at a time.
struct Tile {
  int lanes, outputs, taps, inputs;
  void (*run)(const TileArguments&);
};

// Every channel has its own input channel: dw[p][lane] of dy[v][lane] * x[p][v * x_step + lane].
struct LaneTile {
  int lanes, taps;
  void (*run)(const TileArguments&);
};

// db[lane] of dy[v][lane]; of the arguments, those of dy and dw are used.
struct SumTile {
  int lanes;
  void (*run)(const TileArguments&);
};

// Zero-terminated lists, best tiles first.
struct Tiles {
  const char* name;
  const Tile* products;
  const LaneTile* lane_products;
  const SumTile* sums;
};

extern const Tiles kPortable, kAvx2, kAvx512;  // the caller knows what the processor has

}  // namespace lucid::weight_gradient
