#pragma once
// Private to this room.

#include <cstdint>

#include "kernels/simd/epilogue.h"

// The inner loops of nested Winograd convolution, F(2x4x4, 3x3x3), one set of them for each
// instruction set. All of them work on voxels of `lanes` channels.
namespace lucid::winograd3d {

// Two output planes of 4x4 voxels read four input planes of 6x6.
inline constexpr int kOutputPlanes = 2, kInputPlanes = 4, kOutputSide = 4, kInputSide = 6;
inline constexpr int kPlaneElements = kInputSide * kInputSide;
inline constexpr int kElements = kInputPlanes * kPlaneElements;  // (h, w, plane) of a tile

// The elements of the tensors that kernels read and write; they compute in float.
enum class Type { kFloat, kBfloat16 };
inline constexpr int kTypes = 2;

// The voxels that neighbouring tiles of one row read.
struct InputRow {
  // (plane, row): where column 0 is, and the distance of columns, which is 0 for zeros.
  const void* rows[kInputPlanes * kInputSide];
  std::int64_t steps[kInputPlanes * kInputSide];
  std::int64_t first;    // the first column of the first tile, which may be below 0
  std::int64_t columns;  // of the volume; there are zeros outside
  std::int64_t tiles;
  std::int64_t ahead;  // the distance of the two planes that will be read next
};

// The gradients of the outputs of neighbouring tiles of one row, likewise.
struct GradientRow {
  const void* rows[kOutputPlanes * kOutputSide];
  std::int64_t steps[kOutputPlanes * kOutputSide];
  std::int64_t first, columns, tiles;
};

// The sums over some tiles of a block of inputs times a block of output gradients, for one element
// of the transformed tensors, are added to `sums` (input lane, output lane).
struct GradientProducts {
  const float *inputs, *gradients;  // (tile, lane)
  std::int64_t tiles;
  float* sums;
};

// The sums of some tiles' channels times a chunk of weights, for one element of the transformed
// tensors.
struct Products {
  const float* tiles;    // (block of inputs, tile, lane)
  std::int64_t block;    // the distance of blocks
  std::int64_t inputs;   // the last block may be filled in part
  const float* weights;  // (input, output of the chunk)
  float* sums;           // (vector of outputs, tile, lane)
  std::int64_t vector;   // the distance of vectors
};
struct ProductKernel {
  int tiles = 0, vectors = 0;
  void (*run)(const Products&) = nullptr;
};

// Where the two planes of an output tile go, as far as they are in the volume.
struct OutputTile {
  void* first;
  std::int64_t plane, row, column;  // distances
  std::int64_t planes, rows, columns;
};

// Where the pooled voxels of an output tile go, as far as they are in the pooled volume.
struct PooledTile {
  void* first;
  std::uint8_t* index;  // of the first; null: none
  std::int64_t row;     // distance
  std::int64_t rows, columns;
};

struct Kernels {
  using TransformInput = void (*)(const InputRow& from, float* to, std::int64_t element);
  using TransformGradient = void (*)(const GradientRow& from, float* to, std::int64_t element,
                                     float* sum);
  using TransformOutput = void (*)(const float* products, std::int64_t plane, std::int64_t element,
                                   const float* bias, float slope, const OutputTile& to);
  using PoolOutput = void (*)(const float* products, std::int64_t plane, std::int64_t element,
                              const float* bias, float slope, const PooledTile& to);

  int lanes;
  // Transform the input voxels of a row of tiles. Elements are `element` floats apart.
  TransformInput transform_input[kTypes];
  // Transform the products of a tile to outputs.
  TransformOutput transform_output[kTypes];
  // The same, with the max pooling of 2x2x2 outputs behind it.
  PoolOutput pool_output[kTypes];
  // Sums up the products of four planes, each `plane` floats long, to those of two output planes,
  // which are `to_plane` floats apart. What will be written next is `next` floats further.
  void (*add_planes)(const float* products, std::int64_t plane, std::int64_t floats, float* to,
                     std::int64_t to_plane, std::int64_t next);
  const ProductKernel* products;  // ends with one of no tiles
  // Transform the input voxels and the output gradients of a row of tiles for a weight gradient.
  // The sum of the gradients is added to `sum`, by lane.
  TransformInput transform_gradient_input[kTypes];
  TransformGradient transform_gradient[kTypes];
  void (*add_products)(const GradientProducts&);
};

// The caller knows what the processor has.
extern const Kernels kAvx2, kAvx512;

}  // namespace lucid::winograd3d
