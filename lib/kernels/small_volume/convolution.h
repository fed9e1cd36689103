#pragma once

#include "kernels/convolution/winograd.h"
#include "kernels/small_volume/geometry.h"

namespace lucid::small_volume {

using winograd::Epilogue;

enum class Direction { kOutput, kInputGradient };

// Computes y or the gradient of x of a convolution by its definition, voxel by voxel, without the
// products with padding. Each product is one of all samples by the weights of a tap, so that it
// pays for volumes of few voxels and many samples.
class Convolution {
 public:
  Convolution(const Geometry& geometry, const Kernels& kernels, int threads, Direction direction);

  std::int64_t workspace_floats() const;
  // Reads x and writes y, or reads the gradient of y and writes that of x. Weights are (blocks of
  // outputs, blocks of inputs, D, H, W, input lane, output lane), the bias is of whole blocks. The
  // bits do not depend on the number of threads.
  void run(const void* from, const float* weights, const Epilogue& epilogue, void* to,
           float* workspace) const;

 private:
  // The blocks of channels that are written together.
  struct Chunk {
    std::int64_t first, vectors;
  };
  // The weights of a chunk: the distances of blocks that are read and of those that are written.
  struct Weights {
    const float* first;
    std::int64_t block, vector;
  };

  bool is_back() const { return direction_ == Direction::kInputGradient; }
  std::int64_t read_blocks() const { return from_.blocks(g_.lanes); }
  std::int64_t written_blocks() const { return to_.blocks(g_.lanes); }
  std::int64_t chunks() const { return (written_blocks() + vectors_ - 1) / vectors_; }
  std::int64_t sums_floats() const;
  std::int64_t worker_floats() const;
  Chunk chunk_at(std::int64_t index) const;
  Weights weights_of(const Chunk& chunk, const float* weights, float* scratch) const;
  Products products_at(std::int64_t voxel, const float* packed, const Weights& weights) const;
  // Computes items first .. end - 1, an item being a voxel of a chunk.
  void compute(std::int64_t first, std::int64_t end, const float* packed, const float* weights,
               const Epilogue& epilogue, void* to, float* own) const;
  void compute_voxel(const Chunk& chunk, std::int64_t voxel, Products p, const Epilogue& epilogue,
                     void* to) const;
  const ProductKernel& kernel(std::int64_t rows, std::int64_t vectors) const;

  Geometry g_;
  const Kernels* kernels_;
  std::int64_t workers_;
  Direction direction_;
  Tensor from_, to_;
  std::int64_t vectors_ = 2, tiles_ = 1;  // vectors: of a chunk; tiles: of rows
};

}  // namespace lucid::small_volume
