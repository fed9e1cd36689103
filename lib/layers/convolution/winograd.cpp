#include "layers/convolution/winograd.h"

#include <algorithm>

#include "layers/weighted/weighted.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Order;
using onednn::VectorSet;
using Tag = dnnl::memory::format_tag;

// Channels that pay for the terms of input and output: measured with 8 to 256 of either.
constexpr std::int64_t kFewestChannels = 16, kFewestOfWeights = 8;
// Outputs that pay for the terms of the weights: measured with 4x4x4 to 12x12x12 voxels.
constexpr std::int64_t kFewestOutputs = 1200;
// Outputs of the tiles over those that are wanted: a volume's edge cuts tiles.
constexpr double kMostWaste = 2;

// Without the depth of the kernel, which is any.
bool is_possible(PlanBuilder& b, const Convolution& c) {
  const ConvolutionRoute route = b.convolution_route();
  if ((route != ConvolutionRoute::kBest && route != ConvolutionRoute::kWinograd) ||
      b.weight_gradient_route() != WeightGradientRoute::kBest ||
      onednn::vector_set() == VectorSet::kPortable || onednn::data_type(c.src) != onednn::kFloat ||
      onednn::data_type(c.dst) != onednn::kFloat)
    return false;
  const Dims weights = onednn::extents(c.weights), ones{1, 1, 1}, none{0, 0, 0};
  if (weights.size() != 5 || weights[3] != winograd::kTaps || weights[4] != winograd::kTaps)
    return false;
  for (std::size_t i = 0; i < 3; ++i)  // so that the input's gradient pads as well
    if (std::max(c.pad_low[i], c.pad_high[i]) >= weights[i + 2]) return false;
  return c.stride == ones && c.dilation == none;
}

bool pays(const Convolution& c, std::int64_t fewest_inputs) {
  const Dims src = onednn::extents(c.src), dst = onednn::extents(c.dst);
  if (src[1] < fewest_inputs || dst[1] < kFewestChannels) return false;
  if (dst[0] * dst[2] * dst[3] * dst[4] < kFewestOutputs) return false;
  double waste = 1;
  for (std::size_t i = 3; i < 5; ++i) {
    const std::int64_t tiles = (dst[i] + winograd::kOutputTile - 1) / winograd::kOutputTile;
    waste *= static_cast<double>(tiles * winograd::kOutputTile) / static_cast<double>(dst[i]);
  }
  return waste <= kMostWaste;
}

std::int64_t whole_blocks(std::int64_t channels, std::int64_t lanes) {
  return (channels + lanes - 1) / lanes * lanes;
}

std::string name_of(const WinogradProducts& products) {
  return std::string("lucid:winograd+") + products.implementation();
}

Value workspace(PlanBuilder& b, std::int64_t floats) {
  return b.produce(onednn::plain_layout(Dims{floats}));
}

}  // namespace

Winograd::Winograd(const Convolution& c) : outputs_(onednn::extents(c.dst)[1]), bias_(c.bias) {
  const bool is_wide = onednn::vector_set() == VectorSet::kAvx512;
  const Order order = is_wide ? Order::kBlocked16 : Order::kBlocked8;
  const Dims src = onednn::extents(c.src), dst = onednn::extents(c.dst);
  const Dims weights = onednn::extents(c.weights);
  const auto triple = [](const Dims& dims) { return Triple{dims[2], dims[3], dims[4]}; };
  shape_.lanes = is_wide ? 16 : 8;
  shape_.samples = src[0];
  shape_.inputs = whole_blocks(src[1], shape_.lanes);
  shape_.outputs = whole_blocks(dst[1], shape_.lanes);
  shape_.depth = weights[2];
  shape_.input = triple(src);
  shape_.output = triple(dst);
  shape_.padding = {c.pad_low[0], c.pad_low[1], c.pad_low[2]};
  src_ = onednn::ordered_layout(src, order);
  dst_ = onednn::ordered_layout(dst, order);
  weights_ = Layout(weights, onednn::kFloat, is_wide ? Tag::OIdhw16i16o : Tag::OIdhw8i8o);
}

std::optional<Winograd> Winograd::choose(PlanBuilder& b, const Convolution& c) {
  if (!is_possible(b, c)) return std::nullopt;
  if (b.convolution_route() == ConvolutionRoute::kBest && !pays(c, kFewestChannels))
    return std::nullopt;
  Winograd found(c);
  if (!found.is_known(b)) return std::nullopt;
  return found;
}

std::optional<Winograd> Winograd::choose_for_weights(PlanBuilder& b, const Convolution& c) {
  if (!is_possible(b, c) || !pays(c, kFewestOfWeights)) return std::nullopt;
  Winograd found(c);
  if (!found.is_known(b)) return std::nullopt;
  return found;
}

bool Winograd::is_known(PlanBuilder& b) const {
  try {
    return WinogradForward(b.device(), shape_).is_direct() &&
           (!b.training() || (WinogradForward(b.device(), shape_.reversed()).is_direct() &&
                              WinogradWeightGradient(b.device(), shape_).is_direct()));
  } catch (const dnnl::error&) {
    return false;
  }
}

Layout Winograd::term_layout(const winograd::FilterShape& weights) const {
  return onednn::plain_layout(Dims{winograd::kTileElements * weights.element_floats()});
}

Backward Winograd::compile(PlanBuilder& b) const {
  const Value x = b.in_layout(b.input(), src_), y = b.produce(dst_);
  forward(b, x, y);
  b.set_output(y);
  if (!b.training()) return {};
  return [*this, x, y](PlanBuilder& back) {
    const Value dy = gradient_before_relu(back, dst_, y);
    if (needs_weight_gradient(back, bias_)) {
      const WeightGradients gradients = weight_gradient(back, "convolution", x, dy);
      back.set_parameter_gradient("weight", gradients.weight);
      if (gradients.bias) back.set_parameter_gradient("bias", gradients.bias);
    }
    if (back.needs_input_gradient()) back.set_input_gradient(input_gradient(back, dy));
  };
}

void Winograd::forward(PlanBuilder& b, Value x, Value y) const {
  const winograd::FilterShape weights = shape_.weights();
  const Value terms = b.made_of_parameters(
      "terms of weights", b.parameter("weight", weights_), term_layout(weights),
      [weights](std::span<void* const> storage) {
        winograd::transform_filter(weights, static_cast<const float*>(storage[0]),
                                   static_cast<float*>(storage[1]));
      });
  WinogradForward products(b.device(), shape_);
  const Value buffer = workspace(b, products.workspace_floats() + shape_.outputs);
  std::vector<Argument> arguments{{DNNL_ARG_SRC, x},
                                  {DNNL_ARG_WEIGHTS, terms},
                                  {DNNL_ARG_DST, y},
                                  {DNNL_ARG_WORKSPACE, buffer}};
  if (has_bias(bias_)) arguments.push_back({DNNL_ARG_BIAS, b.parameter("bias", bias_)});
  const float slope = b.relu_follows() ? b.relu_slope() : 1;
  b.product_step(b.with_followers("convolution"), name_of(products), std::move(arguments),
                 [products, slope, outputs = outputs_,
                  blocks = shape_.outputs](std::span<void* const> storage) mutable {
                   const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                   float* bias = at(3);  // of whole blocks
                   std::fill_n(bias, blocks, 0.F);
                   if (storage.size() > 4) std::copy_n(at(4), outputs, bias);
                   products.run(at(0), at(1), {bias, slope}, at(2), bias + blocks);
                 });
}

WeightGradients Winograd::weight_gradient(PlanBuilder& b, const std::string& what, Value x,
                                          Value dy) const {
  WinogradWeightGradient products(b.device(), shape_);
  WeightGradients gradients{b.produce(weights_), {}};
  std::vector<Argument> arguments{
      {DNNL_ARG_SRC, b.in_layout(x, src_)},
      {DNNL_ARG_DIFF_DST, b.in_layout(dy, dst_)},
      {DNNL_ARG_DIFF_WEIGHTS, gradients.weight},
      {DNNL_ARG_WORKSPACE, workspace(b, products.workspace_floats() + shape_.outputs)}};
  if (has_bias(bias_)) arguments.push_back({DNNL_ARG_DIFF_BIAS, gradients.bias = b.produce(bias_)});
  b.product_step(what + " weight gradient", name_of(products), std::move(arguments),
                 [products, outputs = outputs_,
                  blocks = shape_.outputs](std::span<void* const> storage) mutable {
                   const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                   products.run(at(0), at(1), at(2), at(3), at(3) + blocks);
                   if (storage.size() > 4) std::copy_n(at(3), outputs, at(4));
                 });
  return gradients;
}

Value Winograd::input_gradient(PlanBuilder& b, Value dy) const {
  const winograd::FilterShape weights = shape_.weights();
  const Value terms = b.made_of_parameters(
      "terms of weights", b.parameter("weight", weights_), term_layout(weights),
      [weights](std::span<void* const> storage) {
        winograd::transform_reversed_filter(weights, static_cast<const float*>(storage[0]),
                                            static_cast<float*>(storage[1]));
      });
  WinogradForward products(b.device(), shape_.reversed());
  const Value dx = b.produce(src_), buffer = workspace(b, products.workspace_floats());
  b.product_step("convolution input gradient", name_of(products),
                 {{DNNL_ARG_DIFF_DST, dy},
                  {DNNL_ARG_WEIGHTS, terms},
                  {DNNL_ARG_DIFF_SRC, dx},
                  {DNNL_ARG_WORKSPACE, buffer}},
                 [products](std::span<void* const> storage) mutable {
                   const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                   products.run(at(0), at(1), {}, at(2), at(3));
                 });
  return dx;
}

}  // namespace lucid
