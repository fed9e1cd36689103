#pragma once
// Private to this room.

#include <cstdint>

// The innermost loop of products of bytes.
namespace lucid::bytes {

inline constexpr int kLanes = 16;  // outputs of a block: sums of a vector
inline constexpr int kQuad = 4;    // neighbouring inputs that one instruction multiplies and adds
inline constexpr int kMostBlocks = 2;   // of a tile
inline constexpr int kMostVoxels = 14;  // of a tile: with two blocks, 28 of 32 registers hold sums

// Sums of some neighbouring voxels, for one or two blocks of outputs. What a voxel reads comes in
// segments of neighbouring bytes, the same for every voxel but for its offset.
struct TileArguments {
  const std::uint8_t* const* segments;  // of the row's first voxel
  std::int64_t segment_count, quads;    // quads: of a segment
  std::int64_t offset, voxel_bytes;     // from the row's first voxel to the tile's; between voxels
  const std::int8_t* weights;           // (block, segment, quad, output, input of the quad)
  std::int64_t weights_block;
  const std::int32_t* start;  // by output: what the sum starts from
  const float *scale, *bias;  // by output: y = sum * scale + bias
  float slope;                // of y below 0
  float* y_floats;            // one of the two is null
  std::uint8_t* y_bytes;
  std::int32_t zero;              // of the bytes
  std::int64_t y_voxel, y_block;  // in elements
  unsigned last_lanes;            // outputs of the last block that are stored, a bit each
};

using Tile = void (*)(const TileArguments&);

// Blocks are at least 1 and at most kMostBlocks, voxels alike.
Tile tile_of(std::int64_t blocks, std::int64_t voxels, std::int64_t voxel_bytes);

}  // namespace lucid::bytes
