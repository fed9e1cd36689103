#pragma once
// Private to this room.

#include <array>
#include <cstdint>

// The innermost loops of a convolution's weight gradient, a set of them for each instruction set.
namespace lucid::blocked_gradient {

constexpr int kMostTaps = 9;  // of a tile

// Neighbouring voxels of one row of dy, and what each tap reads at the first of them.
struct Segment {
  std::int64_t dy;  // from the start of a block of output channels
  std::int64_t voxels;
  std::array<const float*, kMostTaps> x;
};

// A tile computes dw[o][p][k][lane], the sum of dy[o][v][lane] * x[p][v * x_step + k] over the
// voxels v of all segments: o counts blocks of output channels, p taps and k neighbours in x.
struct TileArguments {
  const Segment* segments;
  std::int64_t segment_count;
  const float* dy;
  std::int64_t dy_block_stride;
  std::int64_t x_offset;  // added to every tap's x
  std::int64_t x_step;
  float* dw;
  std::array<std::int64_t, kMostTaps> dw_taps;
  std::int64_t dw_input_stride;
  std::int64_t dw_block_stride;
  bool accumulates;  // adds to dw, which is overwritten otherwise
};

// Computes so many blocks of output channels, taps and inputs at a time.
struct Tile {
  int lanes, outputs, taps, inputs;
  void (*run)(const TileArguments&);
};

// The tile of a depthwise convolution: dw[p][lane] sums dy[v][lane] * x[p][v * x_step + lane].
struct LaneTile {
  int lanes, taps;
  void (*run)(const TileArguments&);
};

// The tile of a bias: db[lane] sums dy[v][lane]. It uses the arguments of dy and dw alone.
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

}  // namespace lucid::blocked_gradient
