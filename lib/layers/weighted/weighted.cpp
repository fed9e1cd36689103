#include "layers/weighted/weighted.h"

namespace lucid {

std::vector<ArgumentError> channel_errors(std::int64_t channels,
                                          std::optional<std::int64_t> in_channels,
                                          std::int64_t groups) {
  if (in_channels && *in_channels != channels)
    return {{"in_channels", "expected " + std::to_string(channels) +
                                ", the channels of its input, found " +
                                std::to_string(*in_channels)}};
  if (channels % groups != 0)
    return {{"groups", "expected a divisor of the " + std::to_string(channels) +
                           " input channels, found " + std::to_string(groups)}};
  return {};
}

dnnl::primitive_attr forward_attributes(PlanBuilder& b) {
  dnnl::primitive_attr attributes = b.attributes();
  if (!b.relu_follows()) return attributes;
  dnnl::post_ops operations;
  onednn::append_relu(operations, b.relu_slope());
  attributes.set_post_ops(operations);
  return attributes;
}

Value gradient_before_relu(PlanBuilder& b, const Layout& layout, Value y) {
  const Value dy = b.output_gradient(layout);
  if (!b.relu_follows() || b.relu_is_undone()) return dy;
  if (b.relu_slope() == 0) return relu_gradient(b, y, dy);
  return elementwise_gradient(b, leaky_relu(b.relu_slope()), y, dy);
}

}  // namespace lucid
