#pragma once

#include <optional>

#include "kernels/convolution/pointwise.h"
#include "layers/convolution/weight_gradient.h"
#include "layers/weighted/weighted.h"

namespace lucid {

// A convolution of 1x1x1 with few output channels, by kernels of ours: oneDNN computes whole blocks
// of channels, and who reads classes wants them in plain order.
class PointwiseConvolution {
 public:
  // Empty where it is another convolution, or its input's channels fill no groups.
  static std::optional<PointwiseConvolution> choose(PlanBuilder& b, const Convolution& convolution);

  Backward compile(PlanBuilder& b) const;

 private:
  PointwiseConvolution() = default;

  void forward(PlanBuilder& b) const;
  void weight_gradient(PlanBuilder& b, Value x, Value dy) const;
  void input_gradient(PlanBuilder& b, Value dy) const;

  Pointwise p_;
  Layout src_, dst_, weights_, bias_;
};

}  // namespace lucid
