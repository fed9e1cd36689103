#include "layers/convolution/small_channel.h"

#include <omp.h>

#include <algorithm>

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Order;
using onednn::VectorSet;

bool is_wide() { return onednn::vector_set() == VectorSet::kAvx512; }

const small_channel::Tile* tiles() {
  return is_wide() ? small_channel::kAvx512 : small_channel::kAvx2;
}

const small_channel::GradientTile* gradient_tiles() {
  return is_wide() ? small_channel::kGradientAvx512 : small_channel::kGradientAvx2;
}

Order blocks() { return is_wide() ? Order::kBlocked16 : Order::kBlocked8; }

Layout blocked(const Layout& layout) {
  return onednn::ordered_layout(onednn::extents(layout), blocks());
}

SmallChannelGeometry geometry_of(const Convolution& c) {
  const Dims src = onednn::extents(c.src), dst = onednn::extents(c.dst);
  const Dims weights = onednn::extents(c.weights);
  SmallChannelGeometry g;
  g.lanes = is_wide() ? 16 : 8;
  g.samples = src[0];
  g.inputs = src[1];
  g.outputs = dst[1];
  for (std::size_t i = 0; i < 3; ++i) {
    g.input[i] = src[i + 2];
    g.output[i] = dst[i + 2];
    g.kernel[i] = weights[i + 2];
    g.padding[i] = c.pad_low[i];
  }
  return g;
}

// Of the convolution that computes the gradient of the input.
SmallChannelGeometry reversed(const SmallChannelGeometry& g) {
  SmallChannelGeometry back = g;
  std::swap(back.inputs, back.outputs);
  std::swap(back.input, back.output);
  for (std::size_t i = 0; i < 3; ++i) back.padding[i] = g.kernel[i] - 1 - g.padding[i];
  return back;
}

bool is_possible(PlanBuilder& b, const Convolution& c) {
  const Dims ones{1, 1, 1}, none{0, 0, 0};
  const ConvolutionRoute route = b.convolution_route();
  return (route == ConvolutionRoute::kBest || route == ConvolutionRoute::kNarrow) &&
         onednn::vector_set() != VectorSet::kPortable && onednn::extents(c.weights).size() == 5 &&
         onednn::data_type(c.src) == onednn::kFloat && onednn::data_type(c.dst) == onednn::kFloat &&
         c.stride == ones && c.dilation == none;
}

bool is_few(std::int64_t channels, const SmallChannelGeometry& g) {
  return 2 * channels <= g.lanes;
}

// oneDNN's forward kernel for AVX2 reaches half of what its others do where one vector holds all
// outputs.
bool leaves_room(const SmallChannelGeometry& g) {
  const bool has_one_vector = !is_wide() && g.outputs <= g.lanes;
  return is_few(g.inputs, g) || is_few(g.outputs, g) || has_one_vector;
}

}  // namespace

Narrow::Narrow(const SmallChannelGeometry& geometry, const Convolution& c)
    : geometry_(geometry),
      kernel_(geometry, tiles()),
      src_(blocked(c.src)),
      dst_(blocked(c.dst)),
      weights_(onednn::plain_layout(onednn::extents(c.weights))),
      bias_(c.bias) {}

std::optional<Narrow> Narrow::choose(PlanBuilder& b, const Convolution& c,
                                     const SmallChannelGeometry& geometry) {
  if (!SmallChannelConvolution::can_compute(geometry, tiles())) return std::nullopt;
  if (b.convolution_route() != ConvolutionRoute::kNarrow && !leaves_room(geometry))
    return std::nullopt;
  return Narrow(geometry, c);
}

std::optional<Narrow> Narrow::choose(PlanBuilder& b, const Convolution& c) {
  if (!is_possible(b, c)) return std::nullopt;
  const SmallChannelGeometry geometry = geometry_of(c);
  const bool is_plain = onednn::order_of(b.layout(b.input())) == Order::kPlain;
  if (is_plain && is_few(geometry.inputs, geometry) &&  // oneDNN reads it as it is, and soon
      b.convolution_route() != ConvolutionRoute::kNarrow)
    return std::nullopt;
  return choose(b, c, geometry);
}

std::optional<Narrow> Narrow::choose_for_input(PlanBuilder& b, const Convolution& c) {
  if (!is_possible(b, c)) return std::nullopt;
  const SmallChannelGeometry geometry = reversed(geometry_of(c));
  if (std::ranges::any_of(geometry.padding, [](std::int64_t p) { return p < 0; }))
    return std::nullopt;
  return choose(b, c, geometry);
}

std::optional<Narrow> Narrow::choose_for_weights(PlanBuilder& b, const Convolution& c, Value x,
                                                 Value also_x) {
  if (!is_possible(b, c)) return std::nullopt;
  const SmallChannelGeometry geometry = geometry_of(c);
  if (!SmallChannelWeightGradient::can_compute(geometry, gradient_tiles())) return std::nullopt;
  if (b.convolution_route() != ConvolutionRoute::kNarrow && !leaves_room(geometry))
    return std::nullopt;
  Narrow found(geometry, c);
  const auto is_in = [&](Value value, Order order) {
    return value && onednn::order_of(b.layout(value)) == order;
  };
  found.x_ = !is_in(x, blocks()) && is_in(also_x, blocks()) ? also_x : x;
  if (is_few(geometry.inputs, geometry) && is_in(found.x_, Order::kPlain))
    found.src_ = onednn::ordered_layout(onednn::extents(c.src), Order::kPlain);
  return found;
}

bool Narrow::fills_vectors() const {
  return geometry_.group() > 1 && onednn::order_of(src_) != Order::kPlain;
}

Layout Narrow::packed_layout() const {
  return onednn::plain_layout(Dims{geometry_.weight_floats()});
}

WeightedValues Narrow::forward(PlanBuilder& b, const Layout& bias, Value input,
                               Value weight) const {
  const Value packed = b.made_of_parameters("weights of groups", weight, packed_layout(),
                                            [kernel = kernel_](std::span<void* const> storage) {
                                              kernel.pack(static_cast<const float*>(storage[0]),
                                                          static_cast<float*>(storage[1]));
                                            });
  const Value x = b.in_layout(input, src_), y = b.produce(dst_);
  std::vector<Argument> arguments{{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DST, y}};
  if (has_bias(bias)) arguments.push_back({DNNL_ARG_BIAS, b.parameter("bias", bias)});
  const float slope = b.relu_follows() ? b.relu_slope() : 1;
  b.product_step(b.with_followers("convolution"), "lucid:narrow", std::move(arguments),
                 [kernel = kernel_, slope](std::span<void* const> storage) {
                   const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                   kernel.run(at(0), at(1), storage.size() > 3 ? at(3) : nullptr, slope, at(2));
                 });
  b.set_output(y);
  return {x, y};
}

Value Narrow::input_gradient(PlanBuilder& b, Value dy, Value weight) const {
  const Value packed =
      b.made_of_parameters("weights of groups", weight, packed_layout(),
                           [kernel = kernel_](std::span<void* const> storage) {
                             kernel.pack_reversed(static_cast<const float*>(storage[0]),
                                                  static_cast<float*>(storage[1]));
                           });
  const Value dx = b.produce(src_);
  b.product_step("convolution input gradient", "lucid:narrow",
                 {{DNNL_ARG_DIFF_DST, b.in_layout(dy, dst_)},
                  {DNNL_ARG_WEIGHTS, packed},
                  {DNNL_ARG_DIFF_SRC, dx}},
                 [kernel = kernel_](std::span<void* const> storage) {
                   const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                   kernel.run(at(0), at(1), nullptr, 1, at(2));
                 });
  return dx;
}

WeightGradients Narrow::weight_gradient(PlanBuilder& b, const std::string& what, Value dy) const {
  const bool is_plain = onednn::order_of(src_) == Order::kPlain;
  SmallChannelWeightGradient kernel(geometry_, is_plain, omp_get_max_threads(), gradient_tiles());
  WeightGradients gradients{b.produce(weights_), {}};
  const Value workspace = b.produce(onednn::plain_layout(Dims{kernel.workspace_floats()}));
  std::vector<Argument> arguments{{DNNL_ARG_SRC, b.in_layout(x_, src_)},
                                  {DNNL_ARG_DIFF_DST, b.in_layout(dy, dst_)},
                                  {DNNL_ARG_DIFF_WEIGHTS, gradients.weight},
                                  {DNNL_ARG_WORKSPACE, workspace}};
  if (has_bias(bias_)) arguments.push_back({DNNL_ARG_DIFF_BIAS, gradients.bias = b.produce(bias_)});
  b.product_step(what + " weight gradient", "lucid:narrow", std::move(arguments),
                 [kernel](std::span<void* const> storage) mutable {
                   const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                   kernel.run(at(0), at(1), at(2), storage.size() > 4 ? at(4) : nullptr, at(3));
                 });
  return gradients;
}

}  // namespace lucid
