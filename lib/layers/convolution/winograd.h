#pragma once

#include <optional>

#include "layers/convolution/weight_gradient.h"
#include "layers/convolution/winograd_passes.h"

namespace lucid {

// A convolution by fewer products (kernels/winograd), and the same of its gradients: where kernels
// are 3 voxels high and wide and walk by one, over enough channels to pay for the terms.
class Winograd {
 public:
  // Empty where the definition's products are as fast, or oneDNN has no direct ones for terms.
  static std::optional<Winograd> choose(PlanBuilder& b, const Convolution& convolution);
  Backward compile(PlanBuilder& b) const;

  // For the weight's gradient alone, of a convolution that goes by the definition: it pays for
  // fewer channels.
  static std::optional<Winograd> choose_for_weights(PlanBuilder& b, const Convolution& convolution);
  WeightGradients weight_gradient(PlanBuilder& b, const std::string& what, Value x, Value dy) const;

 private:
  explicit Winograd(const Convolution& convolution);
  bool is_known(PlanBuilder& b) const;
  void forward(PlanBuilder& b, Value x, Value y) const;
  Value input_gradient(PlanBuilder& b, Value dy) const;
  Layout term_layout(const winograd::FilterShape& weights) const;

  WinogradShape shape_;
  std::int64_t outputs_ = 1;  // channels, as the user counts
  Layout src_, weights_, bias_, dst_;
};

}  // namespace lucid
