#pragma once

#include <optional>

#include "layers/convolution/merged_groups.h"
#include "layers/convolution/small_channel.h"
#include "layers/convolution/weight_gradient.h"
#include "layers/weighted/weighted.h"

namespace lucid {

// A convolution by its definition, as oneDNN computes it, or as we do where channels are few.
class DirectConvolution {
 public:
  // `input` is the type that the input's gradient is to have.
  DirectConvolution(PlanBuilder& b, const Convolution& convolution, onednn::Type input);

  // Whether oneDNN has code of its own for all that the plan needs. False also where it cannot
  // describe the convolution.
  static bool is_known(PlanBuilder& b, const Convolution& convolution, onednn::Type input);

  Layout source_layout() const;  // which it reads without a reorder
  // Records the product and makes it the output. Returns what was read and written.
  WeightedValues forward(PlanBuilder& b, Value input) const;
  // Records the gradients of weight and bias, and returns that of what was read, where it is
  // needed. `also_x`: what was read, in another order, or empty.
  Value backward(PlanBuilder& b, const WeightedValues& values, Value also_x) const;

 private:
  using Forward = dnnl::convolution_forward::primitive_desc;

  Forward describe_forward(PlanBuilder& b) const;
  dnnl::convolution_backward_weights::primitive_desc describe_weight_gradient(PlanBuilder& b) const;
  dnnl::convolution_backward_data::primitive_desc describe_input_gradient(PlanBuilder& b) const;
  Value weights(PlanBuilder& b, const Layout& wanted) const;
  Value plain_weights(PlanBuilder& b) const;
  void weight_gradient(PlanBuilder& b, Value x, Value also_x, Value dy) const;

  Convolution c_;
  std::optional<MergedGroups> groups_;
  onednn::Type input_gradient_;
  Forward forward_;
  std::optional<Narrow> narrow_;  // computes the output
};

}  // namespace lucid
