#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "layers/elementwise/activation.h"
#include "layers/elementwise/relu.h"
#include "layers/layer/layer.h"

// What Conv3D and Linear share: oneDNN's three primitives over an input, a weight and perhaps a
// bias, with a ReLU on top where one follows. A bias layout of zero means no bias.
namespace lucid {

inline bool has_bias(const Layout& bias) { return bias.get_size() > 0; }

// What is wrong with a convolution's in_channels and groups for an input of so many channels.
std::vector<ArgumentError> channel_errors(std::int64_t channels,
                                          std::optional<std::int64_t> in_channels,
                                          std::int64_t groups);

dnnl::primitive_attr forward_attributes(PlanBuilder& b);  // applies the ReLU that follows

template <class Descriptor>
bool is_reference(const Descriptor& descriptor) {
  return std::string_view(descriptor.impl_info_str()).find("ref") != std::string_view::npos;
}

template <class Descriptor>
bool multiplies_columns(const Descriptor& descriptor) {
  return std::string_view(descriptor.impl_info_str()).find("gemm") != std::string_view::npos;
}

struct WeightedValues {
  Value x, y;  // as the primitive read and wrote them
};

template <class Primitive, class Descriptor>
WeightedValues weighted_forward(PlanBuilder& b, const std::string& what, const Descriptor& forward,
                                const Layout& bias, Value input, Value weight) {
  const Value x = b.in_layout(input, forward.src_desc());
  const Value y = b.produce(forward.dst_desc());
  std::vector<Argument> arguments{{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, weight}, {DNNL_ARG_DST, y}};
  if (has_bias(bias)) arguments.push_back({DNNL_ARG_BIAS, b.parameter("bias", bias)});
  b.step<Primitive>(b.with_followers(what), forward, std::move(arguments));
  b.set_output(y);
  return {x, y};
}

// The output's gradient before the ReLU, if there is one, in the layout that the output has.
Value gradient_before_relu(PlanBuilder& b, const Layout& layout, Value y);

inline bool needs_weight_gradient(PlanBuilder& b, const Layout& bias) {
  return b.needs_parameter_gradient("weight") ||
         (has_bias(bias) && b.needs_parameter_gradient("bias"));
}

template <class Primitive, class Descriptor>
void weighted_gradient(PlanBuilder& b, const std::string& what, const Descriptor& descriptor,
                       const Layout& bias, Value x, Value dy) {
  const Value dw = b.produce(descriptor.diff_weights_desc());
  std::vector<Argument> arguments{{DNNL_ARG_SRC, b.in_layout(x, descriptor.src_desc())},
                                  {DNNL_ARG_DIFF_DST, b.in_layout(dy, descriptor.diff_dst_desc())},
                                  {DNNL_ARG_DIFF_WEIGHTS, dw}};
  Value db;
  if (has_bias(bias)) arguments.push_back({DNNL_ARG_DIFF_BIAS, db = b.produce(bias)});
  b.step<Primitive>(what + " weight gradient", descriptor, std::move(arguments));
  b.set_parameter_gradient("weight", dw);
  if (db) b.set_parameter_gradient("bias", db);
}

template <class Primitive, class Descriptor>
Value input_gradient(PlanBuilder& b, const std::string& what, const Descriptor& descriptor,
                     Value dy, Value weight) {
  const Value dx = b.produce(descriptor.diff_src_desc());
  b.step<Primitive>(what + " input gradient", descriptor,
                    {{DNNL_ARG_DIFF_DST, b.in_layout(dy, descriptor.diff_dst_desc())},
                     {DNNL_ARG_WEIGHTS, weight},
                     {DNNL_ARG_DIFF_SRC, dx}});
  return dx;
}

}  // namespace lucid
