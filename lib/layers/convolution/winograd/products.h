#pragma once

#include "layers/convolution/winograd/slabs.h"
#include "tensor/primitive_call.h"

namespace lucid {

// Runs a primitive of oneDNN on the transformed tensors of one slab after the other. run() of the
// derived classes works in a buffer of `workspace_floats()` that the plan owns.
class WinogradProducts {
 public:
  const char* implementation() const { return implementation_; }
  std::int64_t workspace_floats() const;

 protected:
  WinogradProducts(const dnnl::engine& engine, const WinogradShape& shape, SlabFloats floats);

  // A number of floats rounded up to whole cache lines.
  static std::int64_t in_lines(std::int64_t floats);
  template <class Descriptor>
  void use(const Descriptor& descriptor, const onednn::Layout& x, const onednn::Layout& weight,
           const onednn::Layout& y);
  void bind(int argument, const onednn::Layout& layout);
  void execute(std::initializer_list<std::pair<int, void*>> storage);

  WinogradSlabs slabs_;
  std::int64_t x_floats_ = 0, y_floats_ = 0, weight_floats_ = 0;  // of a slab, transformed

 private:
  dnnl::engine engine_;
  dnnl::stream stream_;
  const char* implementation_ = "";
  std::int64_t scratchpad_floats_ = 0;
  PrimitiveCall call_;
};

// Computes y from x and the transformed weight.
class WinogradForward : public WinogradProducts {
 public:
  WinogradForward(const dnnl::engine& engine, const WinogradShape& shape);
  void run(const float* x, const float* transformed_weight, const winograd::Epilogue& epilogue,
           float* y, float* workspace);
};

// Computes the weight gradient, and the sums of dy over samples and voxels.
class WinogradWeightGradient : public WinogradProducts {
 public:
  WinogradWeightGradient(const dnnl::engine& engine, const WinogradShape& shape);
  void run(const float* x, const float* dy, float* dw, float* sums, float* workspace);
  std::int64_t workspace_floats() const;

 private:
  std::int64_t row_sums() const;
  void add_rows(const float* rows, float* sums) const;
};

}  // namespace lucid
