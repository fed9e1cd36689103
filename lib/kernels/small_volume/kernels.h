#pragma once
// Private to this room.

#include <cstdint>

#include "kernels/simd/epilogue.h"
#include "kernels/winograd3d/geometry.h"

// The inner loops of convolutions of small volumes, one set of them for each instruction set. All
// of them work on packed tensors: (block of channels, voxel, row, lane), where a row is a sample.
namespace lucid::small_volume {

using winograd3d::kTypes;
using winograd3d::Type;

inline constexpr int kAxes = 3;

// Sums over the taps of a voxel and over all channels that are read.
struct Products {
  const float* x;        // the first row that the first tap reads
  const float* weights;  // of the first tap: (lane that is read, lane that is written)
  std::int64_t taps[kAxes];
  std::int64_t x_step[kAxes], weight_step[kAxes];  // the distances of taps
  std::int64_t blocks, x_block, weight_block;      // of channels that are read
  std::int64_t weight_vector;                      // the distance of blocks that are written
  float* sums;                                     // (block, row, lane)
};
struct ProductKernel {
  int rows = 0, vectors = 0;
  void (*run)(const Products&) = nullptr;
};

// Sums over some voxels and rows of a tile of inputs times a vector of output gradients or more.
struct GradientProducts {
  const float *x, *dy;
  std::int64_t voxels[kAxes];
  std::int64_t x_step[kAxes], dy_step[kAxes];  // the distances of voxels
  std::int64_t rows;
  std::int64_t dy_vector;   // the distance of blocks of outputs
  float* sums;              // (input lane, output lane)
  std::int64_t sum_vector;  // the same of the sums
  bool adds;                // to what the sums are
};
struct GradientKernel {
  int inputs = 0, vectors = 0;
  void (*run)(const GradientProducts&) = nullptr;
};

// Some voxels of a block of channels. Lanes beyond the used ones may hold anything and become 0.
struct Packing {
  const void* from;
  std::int64_t sample;  // the distance of samples
  std::int64_t rows, voxels, used;
  float* to;
};

struct Outputs {
  const float* sums;  // (row, lane)
  std::int64_t rows;
  const float* bias;  // of the block; null: 0
  float slope;        // below 0
  void* to;
  std::int64_t sample;  // the distance of samples
};

struct Kernels {
  int lanes;
  const ProductKernel* products;    // ends with one of no rows
  const GradientKernel* gradients;  // ends with one of no inputs; the widest comes first
  void (*pack[kTypes])(const Packing&);
  void (*finish[kTypes])(const Outputs&);
  // Swaps the two lanes of the weights of so many taps.
  void (*transpose)(const float* from, std::int64_t taps, float* to);
};

// The caller knows what the processor has.
extern const Kernels kAvx2, kAvx512;

}  // namespace lucid::small_volume
