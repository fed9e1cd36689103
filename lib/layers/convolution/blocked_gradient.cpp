#include "layers/convolution/blocked_gradient.h"

#include <omp.h>

#include <algorithm>

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Order;
using onednn::VectorSet;
using Tag = dnnl::memory::format_tag;

const blocked_gradient::Tiles& tiles() {
  switch (onednn::vector_set()) {
    case VectorSet::kAvx512:
      return blocked_gradient::kAvx512;
    case VectorSet::kAvx2:
      return blocked_gradient::kAvx2;
    case VectorSet::kPortable:
      break;
  }
  return blocked_gradient::kPortable;
}

Order blocks_of(std::int64_t lanes) { return lanes == 16 ? Order::kBlocked16 : Order::kBlocked8; }

// The order of the convolution's output where it is blocked; else blocks that fill a register.
Order output_order(const Layout& dst) {
  const auto order = onednn::order_of(dst);
  if (order == Order::kBlocked8 || order == Order::kBlocked16) return *order;
  return blocks_of(onednn::vector_set() == VectorSet::kAvx512 ? 16 : 8);
}

ConvGeometry geometry_of(const Convolution& c) {
  const Dims src = onednn::extents(c.src), dst = onednn::extents(c.dst);
  const Dims weights = onednn::extents(c.weights);
  const std::size_t axis = weights.size() - 3;  // of the kernel's depth
  ConvGeometry g;
  g.samples = src[0];
  g.groups = weights.size() == 6 ? weights[0] : 1;
  g.group_outputs = weights[axis - 2];
  g.group_inputs = weights[axis - 1];
  for (std::size_t i = 0; i < 3; ++i) {
    g.input[i] = src[i + 2];
    g.output[i] = dst[i + 2];
    g.kernel[i] = weights[axis + i];
    g.stride[i] = c.stride[i];
    g.dilation[i] = c.dilation[i] + 1;
    g.padding[i] = c.pad_low[i];
  }
  return g;
}

// All channels of a tap are neighbours.
Layout depthwise_layout(const Dims& weights) {
  const std::int64_t row = weights[0] * weights[5], plane = row * weights[4];
  return {weights, onednn::kFloat, Dims{1, 1, 1, plane, row, weights[0]}};
}

// Blocks of input channels beside those of output channels; where x is in plain order, single ones.
Layout weight_layout(const Dims& weights, const ConvGeometry& g) {
  if (g.is_depthwise()) return depthwise_layout(weights);
  const auto in = [&](Tag order) { return Layout(weights, onednn::kFloat, order); };
  const bool is_wide = g.lanes == 16, is_plain = g.input_lanes == 1;
  if (g.groups > 1 && is_plain) return in(is_wide ? Tag::aBdefc16b : Tag::aBdefc8b);
  if (g.groups > 1) return in(is_wide ? Tag::aBCdef16c16b : Tag::aBCdef8c8b);
  if (is_plain) return in(is_wide ? Tag::Acdeb16a : Tag::Acdeb8a);
  return in(is_wide ? Tag::ABcde16b16a : Tag::ABcde8b8a);
}

WeightStrides strides_of(const Layout& weights, const ConvGeometry& g) {
  const Dims steps = onednn::strides(weights);
  const std::size_t axis = steps.size() - 3;
  WeightStrides w;
  w.group = g.groups > 1 ? steps[0] : 0;
  w.output_block = g.is_depthwise() ? g.lanes : steps[axis - 2];
  w.input_block = steps[axis - 1];
  w.input = g.input_lanes == 1 ? steps[axis - 1] : g.lanes;
  w.tap = {steps[axis], steps[axis + 1], steps[axis + 2]};
  w.floats = static_cast<std::int64_t>(weights.get_size() / sizeof(float));
  return w;
}

}  // namespace

std::optional<OwnWeightGradient> OwnWeightGradient::choose(PlanBuilder& b, const Convolution& c,
                                                           const Layout& dst, Value x,
                                                           Value also_x) {
  OwnWeightGradient own;
  ConvGeometry& g = own.geometry_ = geometry_of(c);
  const Order blocks = output_order(dst);
  g.lanes = blocks == Order::kBlocked16 ? 16 : 8;
  own.x_ = x;
  const auto is_in = [&](Value value, Order order) {
    return value && onednn::order_of(b.layout(value)) == order;
  };
  Order order = blocks;
  if (!is_in(x, blocks) && is_in(also_x, blocks))
    own.x_ = also_x;
  else if (!is_in(x, blocks) && is_in(x, Order::kPlain) && !g.is_depthwise())
    order = Order::kPlain;
  g.input_lanes = order == Order::kPlain ? 1 : g.lanes;
  if (!BlockedWeightGradient::can_compute(g, tiles())) return std::nullopt;
  own.src_ = onednn::ordered_layout(onednn::extents(c.src), order);
  own.dst_ = onednn::ordered_layout(onednn::extents(c.dst), blocks);
  own.weights_ = weight_layout(onednn::extents(c.weights), g);
  own.bias_ = c.bias;
  return own;
}

WeightGradients OwnWeightGradient::record(PlanBuilder& b, const std::string& what, Value dy) const {
  BlockedWeightGradient kernel(geometry_, strides_of(weights_, geometry_), omp_get_max_threads(),
                               tiles());
  const std::int64_t bias_floats = geometry_.output_blocks() * geometry_.lanes;
  const Value sums = b.produce(onednn::plain_layout(Dims{kernel.workspace_floats() + bias_floats}));
  WeightGradients gradients{b.produce(weights_), {}};
  std::vector<Argument> arguments{{DNNL_ARG_SRC, b.in_layout(x_, src_)},
                                  {DNNL_ARG_DIFF_DST, b.in_layout(dy, dst_)},
                                  {DNNL_ARG_DIFF_WEIGHTS, gradients.weight},
                                  {DNNL_ARG_WORKSPACE, sums}};
  if (bias_.get_size() > 0)
    arguments.push_back({DNNL_ARG_DIFF_BIAS, gradients.bias = b.produce(bias_)});
  const std::int64_t outputs = geometry_.groups * geometry_.group_outputs;
  b.product_step(what + " weight gradient", std::string("lucid:weight_gradient:") + tiles().name,
                 std::move(arguments),
                 [kernel, bias_floats, outputs](std::span<void* const> storage) mutable {
                   const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                   const bool has_bias = storage.size() > 4;
                   kernel.run(at(0), at(1), at(2), has_bias ? at(3) : nullptr, at(3) + bias_floats);
                   if (has_bias) std::copy_n(at(3), outputs, at(4));
                 });
  return gradients;
}

}  // namespace lucid
