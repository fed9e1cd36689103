#pragma once

#include "kernels/winograd3d/geometry.h"

namespace lucid::winograd3d {

// Computes the weight gradient of a convolution by nested Winograd, and the sums of dy over
// samples and voxels. Each thread sums up the products of its own tiles.
class WeightGradient {
 public:
  WeightGradient(const Geometry& geometry, const Kernels& kernels, int threads);

  std::int64_t workspace_floats() const { return workers_ * worker_floats(); }
  // x and dy have the types of the geometry's inputs and outputs. Writes the gradient as (blocks of
  // outputs, blocks of inputs, 3, 3, 3, input lane, output lane); `sums`, of whole blocks, may be
  // null.
  void run(const void* x, const void* dy, float* dw, float* sums, float* workspace) const;

 private:
  // The parts of a thread's workspace.
  struct Work {
    float *inputs, *gradients, *part, *total, *sums;
    double* bias;
  };

  std::int64_t weight_floats() const { return kElements * g_.weight_element(); }
  std::int64_t worker_floats() const;
  Work work(float* workspace, std::int64_t worker) const;
  void sum_worker(std::int64_t worker, const void* x, const void* dy, const Work& work) const;
  void transform(std::int64_t first, const void* x, const void* dy, const Work& work) const;
  void multiply(std::int64_t tiles, const Work& work) const;
  void collect(float* dw, float* sums, float* workspace) const;

  Geometry g_;
  const Kernels* kernels_;
  std::int64_t workers_, tiles_, blocks_;  // tiles: of a block
};

}  // namespace lucid::winograd3d
