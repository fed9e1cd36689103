#pragma once

#include "kernels/small_volume/geometry.h"

namespace lucid::small_volume {

// Computes the weight gradient of a convolution by its definition, without the products with
// padding, and the sums of dy over samples and voxels. Each thread sums up some of the weights over
// all samples, so that the bits do not depend on the number of threads.
class WeightGradient {
 public:
  WeightGradient(const Geometry& geometry, const Kernels& kernels, int threads);

  std::int64_t workspace_floats() const;
  // x and dy have the types of the geometry's tensors. Writes the gradient as (blocks of outputs,
  // blocks of inputs, D, H, W, input lane, output lane); `sums`, of whole blocks, may be null.
  void run(const void* x, const void* dy, float* dw, float* sums, float* workspace) const;

 private:
  // Samples and planes of y that are multiplied at a time.
  struct Part {
    std::int64_t rows;
    Span planes;
    const float *x, *dy;
    bool is_first;
  };

  std::int64_t input_blocks() const { return g_.x.blocks(g_.lanes); }
  std::int64_t output_blocks() const { return g_.y.blocks(g_.lanes); }
  // Computes items first .. end - 1, an item being one depth of taps of a block of inputs and some
  // blocks of outputs.
  void multiply(const Part& part, std::int64_t first, std::int64_t end, float* dw) const;
  void multiply_item(const Part& part, std::int64_t depth, std::int64_t input, std::int64_t output,
                     float* dw) const;
  GradientProducts products_of(const Part& part, const Triple& tap) const;
  void add_sums(const Part& part, double* sums) const;

  Geometry g_;
  const Kernels* kernels_;
  int threads_;
  std::int64_t vectors_, rows_, planes_;  // rows, planes: of a part, at most
};

}  // namespace lucid::small_volume
