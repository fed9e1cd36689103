#include "layers/convolution/transposed_gradients.h"

#include "kernels/elementwise/channel_sums.h"
#include "layers/convolution/weight_gradient.h"
#include "layers/layer/channel_order.h"

namespace lucid {
namespace {

using onednn::Dims;
using Forward = dnnl::convolution_forward::primitive_desc;

// Reads the output's gradient, writes the input's.
Convolution strided(const PhaseConvolution& of) {
  const Dims padding(of.padding.begin(), of.padding.end());
  return {.src = onednn::any_layout(of.output.extents()),
          .weights = onednn::any_layout(onednn::extents(of.packing.grouped_layout())),
          .bias = Layout(),
          .dst = onednn::any_layout(of.input.extents()),
          .stride = Dims(of.stride.begin(), of.stride.end()),
          .dilation = {0, 0, 0},
          .pad_low = padding,
          .pad_high = padding};
}

Forward describe(PlanBuilder& b, const Convolution& c) {
  return onednn::describe<dnnl::convolution_forward>(
      b.device(), b.attributes(), b.forward_kind(), dnnl::algorithm::convolution_direct, c.src,
      c.weights, c.bias, c.dst, c.stride, c.dilation, c.pad_low, c.pad_high);
}

void bias_gradient(PlanBuilder& b, const Layout& bias, Value dy) {
  const ChannelRuns runs = runs_of(b.layout(dy));
  const Value sums = b.produce(bias);
  b.host_step(
      "bias gradient", "lucid:channel_sums",
      {{DNNL_ARG_DIFF_DST, dy},
       {DNNL_ARG_WORKSPACE, b.produce(onednn::plain_layout(Dims{channel_sum_partials(runs)}))},
       {DNNL_ARG_DIFF_BIAS, sums}},
      [runs](std::span<void* const> storage) {
        channel_sums(runs, static_cast<const float*>(storage[0]), static_cast<float*>(storage[1]),
                     static_cast<float*>(storage[2]));
      });
  b.set_parameter_gradient("bias", sums);
}

}  // namespace

void record_transposed_gradients(PlanBuilder& b, const PhaseConvolution& of, const Layout& bias,
                                 const WeightedValues& values) {
  const Value dy = gradient_before_relu(b, b.layout(values.y), values.y);
  if (has_bias(bias) && b.needs_parameter_gradient("bias")) bias_gradient(b, bias, dy);
  const Convolution c = strided(of);
  const Forward forward = describe(b, c);
  if (b.needs_parameter_gradient("weight"))
    b.set_parameter_gradient(
        "weight", record_weight_gradient(b, "transposed", c, forward, dy, {}, values.x).weight);
  if (!b.needs_input_gradient()) return;
  const Value dx = b.produce(forward.dst_desc());
  b.step<dnnl::convolution_forward>(
      "transposed input gradient", forward,
      {{DNNL_ARG_SRC, b.in_layout(dy, forward.src_desc())},
       {DNNL_ARG_WEIGHTS, b.parameter("weight", forward.weights_desc())},
       {DNNL_ARG_DST, dx}});
  b.set_input_gradient(dx);
}

}  // namespace lucid
