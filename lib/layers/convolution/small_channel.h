#pragma once

#include <optional>

#include "kernels/small_channel/convolution.h"
#include "kernels/small_channel/gradient.h"
#include "layers/convolution/weight_gradient.h"
#include "layers/weighted/weighted.h"

namespace lucid {

// A convolution into so few channels that they would fill no more than half of a vector
// (kernels/narrow_convolution), the gradient of the few channels that a convolution reads, or that
// of the weight of either (kernels/narrow_gradient).
class Narrow {
 public:
  // Empty where the convolution is another, or oneDNN is as fast.
  static std::optional<Narrow> choose(PlanBuilder& b, const Convolution& convolution);
  static std::optional<Narrow> choose_for_input(PlanBuilder& b, const Convolution& convolution);

  // `x` is what the convolution read, `also_x` the same in another order, or empty.
  static std::optional<Narrow> choose_for_weights(PlanBuilder& b, const Convolution& convolution,
                                                  Value x, Value also_x);

  const Layout& source_layout() const { return src_; }
  const Layout& output_layout() const { return dst_; }
  // Record the product; `weight` is plain.
  WeightedValues forward(PlanBuilder& b, const Layout& bias, Value input, Value weight) const;
  Value input_gradient(PlanBuilder& b, Value dy, Value weight) const;
  WeightGradients weight_gradient(PlanBuilder& b, const std::string& what, Value dy) const;
  // Whether the weight gradient fills vectors that others leave half empty.
  bool fills_vectors() const;

 private:
  Narrow(const SmallChannelGeometry& geometry, const Convolution& convolution);
  static std::optional<Narrow> choose(PlanBuilder& b, const Convolution& convolution,
                                      const SmallChannelGeometry& geometry);
  Layout packed_layout() const;

  SmallChannelGeometry geometry_;
  SmallChannelConvolution kernel_;
  Layout src_, dst_;  // of the convolution, also where its gradient is computed
  Layout weights_, bias_;
  Value x_;  // of a gradient of weights
};

}  // namespace lucid
