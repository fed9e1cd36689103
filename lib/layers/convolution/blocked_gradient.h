#pragma once

#include <optional>
#include <string>

#include "kernels/blocked_gradient/blocked_gradient.h"
#include "layers/convolution/weight_gradient.h"

namespace lucid {

// The weight gradient of a convolution by our own kernel: in which orders it takes its tensors.
class OwnWeightGradient {
 public:
  // `dst` tells the order that dy is likely to have. Empty where the kernel cannot: groups that do
  // not fit blocks, no blocked order.
  static std::optional<OwnWeightGradient> choose(PlanBuilder& b, const Convolution& convolution,
                                                 const Layout& dst, Value x, Value also_x);

  WeightGradients record(PlanBuilder& b, const std::string& what, Value dy) const;

 private:
  OwnWeightGradient() = default;

  ConvGeometry geometry_;
  Value x_;
  Layout src_, dst_, weights_, bias_;
};

}  // namespace lucid
