#pragma once

#include "layers/convolution/winograd_products.h"

namespace lucid {

// y = x * weights, from the terms of the weights.
class WinogradForward : public WinogradProducts {
 public:
  WinogradForward(const dnnl::engine& engine, const WinogradShape& shape);
  void run(const float* x, const float* weight_terms, const winograd::Epilogue& finish, float* y,
           float* workspace);
};

// The gradient of the weights, and the sums of the output's gradient over samples and voxels.
class WinogradWeightGradient : public WinogradProducts {
 public:
  WinogradWeightGradient(const dnnl::engine& engine, const WinogradShape& shape);
  void run(const float* x, const float* dy, float* weights, float* sums, float* workspace);
  std::int64_t workspace_floats() const;

 private:
  std::int64_t row_sums() const;
  void add_rows(const float* rows, float* sums) const;
};

}  // namespace lucid
