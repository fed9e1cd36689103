#pragma once

#include "kernels/convolution/winograd.h"
#include "kernels/winograd3d/geometry.h"

namespace lucid::winograd3d {

using winograd::Epilogue;

// What a convolution writes, and what it does to its sums before that.
struct Outputs {
  Epilogue epilogue;
  void* y;
  // y is the max pooling of 2x2x2 voxels, side by side, behind the epilogue. The outputs' extents
  // must be even, and not dilated: what a pooling leaves out is not computed.
  bool is_pooled = false;
  std::uint8_t* index = nullptr;  // the places of the maxima, in the order of y; null: none
};

// Computes a convolution by nested Winograd, F(2x4x4, 3x3x3): 144 products for 32 outputs, where
// the definition takes 864. Each thread takes some tiles at a time through all three steps, while
// they are in its cache. See Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
// CVPR 2016, and Jia, Zlateski, Durand and Li, "Optimizing N-Dimensional, Winograd-Based
// Convolution for Manycore CPUs", PPoPP 2018.
class Convolution {
 public:
  Convolution(const Geometry& geometry, const Kernels& kernels, int threads);

  std::int64_t workspace_floats() const { return workers_ * worker_floats(); }
  // x and y have the geometry's types; `weights` is what transform_filter() wrote.
  void run(const void* x, const float* weights, const Outputs& to, float* workspace) const;

 private:
  // The vectors of outputs that are computed together.
  struct Chunk {
    std::int64_t vectors;
    const ProductKernel* kernel;
  };

  Chunk chunk_at(std::int64_t vector) const;
  std::int64_t worker_floats() const;
  void compute_tiles(std::int64_t first, const void* x, const float* weights, const Outputs& to,
                     float* workspace) const;
  void multiply(const float* tiles, const float* weights, float* products, float* sums) const;
  void transform_outputs(std::int64_t first, const float* sums, const Outputs& to) const;
  void pool_outputs(std::int64_t first, const float* sums, const Outputs& to) const;

  Geometry g_;
  const Kernels* kernels_;
  std::int64_t workers_, tiles_ = 0;  // tiles: at a time
  const ProductKernel* single_ = nullptr;
  const ProductKernel* pair_ = nullptr;
};

}  // namespace lucid::winograd3d
