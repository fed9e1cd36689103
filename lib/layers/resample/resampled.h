#pragma once

#include "kernels/resample/resample.h"
#include "layers/layer/channel_order.h"
#include "layers/layer/layer.h"

namespace lucid {

// Records the resampling of a tensor, and its gradient. Input and output have the same order.
class Resampled {
 public:
  Resampled(const Shape& input, onednn::Order order, std::array<AxisTaps, 3> axes);

  const Layout& output_layout() const { return out_; }
  Value record(PlanBuilder& b, const std::string& what, Value x) const;
  // Returns the gradient of the input.
  Value record_gradient(PlanBuilder& b, const std::string& what, Value dy) const;

 private:
  Resampling resampling_;
  Layout in_, out_;
  ChannelGroups from_, to_;
};

}  // namespace lucid
