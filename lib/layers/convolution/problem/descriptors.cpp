#include "layers/convolution/problem/descriptors.h"

#include <string_view>

#include "tensor/describe_accepted.h"

namespace lucid::onednn {
namespace {

using Tag = dnnl::memory::format_tag;

constexpr auto kDirect = dnnl::algorithm::convolution_direct;

// oneDNN's brgemm convolution, which it prefers for inference, takes channels by vectors. With
// fewer input channels than a vector holds, as a first layer has, its older kernel is two to three
// times as fast in the same order.
constexpr std::int64_t kFewInputChannels = 16;

struct Geometry {
  Dims stride, dilation, pad_low, pad_high;
};

Dims dims(const Triple& triple) { return {triple.begin(), triple.end()}; }

// oneDNN counts dilation from 0.
Geometry geometry_of(const Problem& p) {
  return {dims(p.stride),
          {p.dilation[0] - 1, p.dilation[1] - 1, p.dilation[2] - 1},
          dims(p.pad_low),
          dims(p.pad_high)};
}

Layout layout_of(const Dims& extents, std::optional<Order> order, Type type) {
  return order ? ordered_layout(extents, *order, type) : any_layout(extents, type);
}

Layout x_layout(const Problem& p) { return layout_of(p.x_extents(), p.read_order, p.read); }

Layout y_layout(const Problem& p) { return layout_of(p.y_extents(), p.written_order, p.written); }

Layout weight_layout(const Problem& p) {
  if (!p.has_blocked_weight) return any_layout(p.weight_extents(), p.read);
  const bool is_wide = p.written_order == Order::kBlocked16;
  if (p.groups > 1)
    return {p.weight_extents(), kFloat, is_wide ? Tag::gOIdhw16i16o : Tag::gOIdhw8i8o};
  return {p.weight_extents(), kFloat, is_wide ? Tag::OIdhw16i16o : Tag::OIdhw8i8o};
}

// The gradient of y comes in the type that the products read; its order is free but where the
// problem fixes both orders.
Layout y_gradient_layout(const Problem& p) {
  return layout_of(p.y_extents(), p.read_order ? p.written_order : std::nullopt, p.read);
}

dnnl::primitive_attr attributes(std::optional<float> relu_slope) {
  dnnl::primitive_attr given;
  given.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (!relu_slope) return given;
  dnnl::post_ops epilogue;
  append_relu(epilogue, *relu_slope);
  given.set_post_ops(epilogue);
  return given;
}

template <class Accept>
std::optional<ForwardDescriptor> describe_forward(const dnnl::engine& engine, const Problem& p,
                                                  const Layout& x, const Layout& y,
                                                  const Accept& accept) {
  const Geometry g = geometry_of(p);
  const auto kind =
      p.is_training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
  return describe_accepted<dnnl::convolution_forward>(
      engine, attributes(p.relu_slope), accept, kind, kDirect, x, weight_layout(p), p.bias_layout(),
      y, g.stride, g.dilation, g.pad_low, g.pad_high);
}

bool may_prefer_older_kernel(const Problem& p) {
  return !p.is_training && p.origin != Origin::kPolyphase && p.groups == 1 &&
         p.inputs() < kFewInputChannels && p.read == kFloat;
}

Layout in_vectors(const Layout& layout) {
  const bool is_wide = vector_set() == VectorSet::kAvx512;
  return ordered_layout(extents(layout), is_wide ? Order::kBlocked16 : Order::kBlocked8);
}

}  // namespace

ForwardDescriptor forward_descriptor(const dnnl::engine& engine, const Problem& p) {
  return forward_descriptor(engine, p, x_layout(p));
}

ForwardDescriptor forward_descriptor(const dnnl::engine& engine, const Problem& p,
                                     const Layout& x) {
  const Layout y = y_layout(p);
  const auto chosen = *describe_forward(engine, p, x, y, [](const char*) { return true; });
  const auto starts_with = [](const char* name, const char* with) {
    return std::string_view(name).starts_with(with);
  };
  if (!may_prefer_older_kernel(p) || !starts_with(chosen.impl_info_str(), "brg")) return chosen;
  return describe_forward(engine, p, x, in_vectors(y),
                          [&](const char* name) { return starts_with(name, "jit"); })
      .value_or(chosen);
}

WeightGradientDescriptor weight_gradient_descriptor(const dnnl::engine& engine, const Problem& p) {
  const Geometry g = geometry_of(p);
  Problem of_float = p;
  of_float.read = kFloat;
  return describe_backward<dnnl::convolution_backward_weights>(
      engine, attributes({}), forward_descriptor(engine, p), kDirect, x_layout(p),
      weight_layout(of_float), p.bias_layout(), y_gradient_layout(p), g.stride, g.dilation,
      g.pad_low, g.pad_high);
}

InputGradientDescriptor input_gradient_descriptor(const dnnl::engine& engine, const Problem& p) {
  const Geometry g = geometry_of(p);
  return describe_backward<dnnl::convolution_backward_data>(
      engine, attributes({}), forward_descriptor(engine, p), kDirect,
      any_layout(p.x_extents(), p.input_gradient), weight_layout(p), y_gradient_layout(p), g.stride,
      g.dilation, g.pad_low, g.pad_high);
}

}  // namespace lucid::onednn
