#pragma once

#include "kernels/resample/resample.h"
#include "layers/layer/channel_order.h"
#include "layers/layer/layer.h"

namespace lucid {

// A tensor and its resampled one in one order, and the steps from one to the other.
class Resampled {
 public:
  Resampled(const Shape& input, onednn::Order order, std::array<AxisTaps, 3> axes);

  const Layout& output_layout() const { return out_; }
  Value record(PlanBuilder& b, const std::string& what, Value x) const;
  Value record_gradient(PlanBuilder& b, const std::string& what, Value dy) const;  // of the input

 private:
  Resampling resampling_;
  Layout in_, out_;
  ChannelGroups from_, to_;
};

}  // namespace lucid
