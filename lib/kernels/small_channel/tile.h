#pragma once
// Private to this room.

#include <cstdint>

// The innermost loops of a convolution from or into few channels, one set of them for each
// instruction set.
namespace lucid::small_channel {

// Neighbouring voxels of one row of the output. Inputs go in groups, as many as there are lanes for
// one output channel: of a group of two, lanes 2 o and 2 o + 1 sum the products of output o with
// the first and with the second input.
struct TileArguments {
  const float* x;  // read by the first tap at the first voxel
  std::int64_t x_plane, x_row, x_block;
  std::int64_t begin, end;      // the voxels of x that there are, of voxels + columns - 1: begin is
                                // less than columns, end at least voxels
  std::int64_t planes, rows;    // of taps
  std::int64_t blocks, groups;  // of inputs; groups: in all blocks
  const float* weights;         // (plane, row, block, group, column, lane)
  std::int64_t weights_plane, weights_row;
  const float* bias;  // by lane
  float slope;        // sums below 0 are multiplied
  float* y;           // of as many voxels as the tile has, a vector each
};

struct Tile {
  int lanes, group;     // lanes of a vector of outputs; inputs of a group
  int voxels, columns;  // columns: of taps
  void (*run)(const TileArguments&);
};

// Zero-terminated lists.
extern const Tile kAvx2[], kAvx512[];  // the caller knows what the processor has

}  // namespace lucid::small_channel
