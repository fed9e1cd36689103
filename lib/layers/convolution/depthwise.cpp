#include "layers/convolution/depthwise.h"

#include <algorithm>

#include "layers/convolution/blocked_gradient.h"
#include "layers/weighted/weighted.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Order;

Dims with_channels(Dims dims, std::int64_t channels) {
  dims[dims.size() == 6 ? 0 : 1] = channels;
  return dims;
}

// (channel, tap) to (tap, channel of whole blocks), and back.
void pack(const DepthwiseGeometry& g, std::int64_t channels, const float* plain, float* packed) {
  std::fill_n(packed, g.taps() * g.channels(), 0.F);
  for (std::int64_t channel = 0; channel < channels; ++channel)
    for (std::int64_t tap = 0; tap < g.taps(); ++tap)
      packed[tap * g.channels() + channel] = plain[channel * g.taps() + tap];
}

void unpack(const DepthwiseGeometry& g, std::int64_t channels, const float* packed, float* plain) {
  for (std::int64_t channel = 0; channel < channels; ++channel)
    for (std::int64_t tap = 0; tap < g.taps(); ++tap)
      plain[channel * g.taps() + tap] = packed[tap * g.channels() + channel];
}

}  // namespace

Depthwise::Depthwise(const Convolution& c)
    : channels_(onednn::extents(c.dst)[1]),
      weights_(onednn::plain_layout(onednn::extents(c.weights))),
      bias_(c.bias),
      padded_(c) {
  DepthwiseGeometry& g = geometry_;
  const bool is_wide = onednn::vector_set() == onednn::VectorSet::kAvx512;
  const Order order = is_wide ? Order::kBlocked16 : Order::kBlocked8;
  const Dims src = onednn::extents(c.src), dst = onednn::extents(c.dst);
  const Dims weights = onednn::extents(c.weights);
  g.lanes = is_wide ? 16 : 8;
  g.samples = src[0];
  g.blocks = (channels_ + g.lanes - 1) / g.lanes;
  for (std::size_t i = 0; i < 3; ++i) {
    g.input[i] = src[i + 2];
    g.output[i] = dst[i + 2];
    g.kernel[i] = weights[i + 3];
    g.stride[i] = c.stride[i];
    g.dilation[i] = c.dilation[i] + 1;
    g.padding[i] = c.pad_low[i];
  }
  src_ = onednn::ordered_layout(src, order);
  dst_ = onednn::ordered_layout(dst, order);
  padded_.src = onednn::ordered_layout(with_channels(src, g.channels()), order);
  padded_.dst = onednn::ordered_layout(with_channels(dst, g.channels()), order);
  padded_.weights = onednn::any_layout(with_channels(weights, g.channels()));
  if (has_bias(bias_)) padded_.bias = onednn::plain_layout(Dims{g.channels()});
}

std::optional<Depthwise> Depthwise::choose(PlanBuilder& b, const Convolution& c) {
  const Dims weights = onednn::extents(c.weights);
  const bool is_depthwise = weights.size() == 6 && weights[1] == 1 && weights[2] == 1;
  if (!is_depthwise || b.convolution_route() == ConvolutionRoute::kDirect) return std::nullopt;
  return Depthwise(c);
}

Backward Depthwise::compile(PlanBuilder& b) const {
  const Value x = b.in_layout(b.input(), src_), y = b.produce(dst_);
  forward(b, x, y);
  b.set_output(y);
  if (!b.training()) return {};
  return [*this, x, y](PlanBuilder& back) {
    const Value dy = gradient_before_relu(back, dst_, y);
    if (needs_weight_gradient(back, bias_)) weight_gradient(back, x, dy);
    if (back.needs_input_gradient()) back.set_input_gradient(input_gradient(back, dy));
  };
}

Value Depthwise::packed_weights(PlanBuilder& b) const {
  return b.made_of_parameters(
      "weights by taps", b.parameter("weight", weights_),
      onednn::plain_layout(Dims{geometry_.taps(), geometry_.channels()}),
      [g = geometry_, channels = channels_](std::span<void* const> storage) {
        pack(g, channels, static_cast<const float*>(storage[0]), static_cast<float*>(storage[1]));
      });
}

void Depthwise::forward(PlanBuilder& b, Value x, Value y) const {
  const Value room = b.produce(onednn::plain_layout(Dims{geometry_.channels()}));
  std::vector<Argument> arguments{{DNNL_ARG_SRC, x},
                                  {DNNL_ARG_WEIGHTS, packed_weights(b)},
                                  {DNNL_ARG_DST, y},
                                  {DNNL_ARG_WORKSPACE, room}};
  if (has_bias(bias_)) arguments.push_back({DNNL_ARG_BIAS, b.parameter("bias", bias_)});
  const float slope = b.relu_follows() ? b.relu_slope() : 1;
  b.product_step(b.with_followers("convolution"), "lucid:depthwise", std::move(arguments),
                 [g = geometry_, channels = channels_, slope](std::span<void* const> storage) {
                   const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                   float* bias = at(3);  // of whole blocks
                   std::fill_n(bias, g.channels(), 0.F);
                   if (storage.size() > 4) std::copy_n(at(4), channels, bias);
                   depthwise_forward(g, at(0), at(1), bias, slope, at(2));
                 });
}

// Of whole blocks, as our kernel wants them; then those that there are.
void Depthwise::weight_gradient(PlanBuilder& b, Value x, Value dy) const {
  const Value whole_x = b.view(x, padded_.src), whole_dy = b.view(dy, padded_.dst);
  const auto own = OwnWeightGradient::choose(b, padded_, padded_.dst, whole_x, {});
  const WeightGradients whole = own->record(b, "convolution", whole_dy);
  const Value dw = b.produce(weights_);
  std::vector<Argument> arguments{{DNNL_ARG_DIFF_DST, whole.weight}, {DNNL_ARG_DIFF_WEIGHTS, dw}};
  Value db;
  if (whole.bias) {
    arguments.push_back({DNNL_ARG_SRC, whole.bias});
    arguments.push_back({DNNL_ARG_DIFF_BIAS, db = b.produce(bias_)});
  }
  b.host_step("gradient of weights by taps", "lucid", std::move(arguments),
              [g = geometry_, channels = channels_](std::span<void* const> storage) {
                const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                unpack(g, channels, at(0), at(1));
                if (storage.size() > 2) std::copy_n(at(2), channels, at(3));
              });
  b.set_parameter_gradient("weight", dw);
  if (db) b.set_parameter_gradient("bias", db);
}

Value Depthwise::input_gradient(PlanBuilder& b, Value dy) const {
  const Value dx = b.produce(src_);
  const Value room = b.produce(onednn::plain_layout(Dims{geometry_.taps() * geometry_.channels()}));
  b.product_step("convolution input gradient", "lucid:depthwise",
                 {{DNNL_ARG_DIFF_DST, dy},
                  {DNNL_ARG_WEIGHTS, packed_weights(b)},
                  {DNNL_ARG_DIFF_SRC, dx},
                  {DNNL_ARG_WORKSPACE, room}},
                 [g = geometry_](std::span<void* const> storage) {
                   const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                   depthwise_input_gradient(g, at(0), at(1), at(2), at(3));
                 });
  return dx;
}

}  // namespace lucid
