#include "layers/table/reference_layer.h"
#include "support/reference_resample.h"

namespace lucid::test {
namespace {

using Extent = Shape::Extent;

Window conv_window(const Json& layer, const Shape& x) {
  Window window;
  window.kernel = triple_of(layer, "kernel_size", {});
  window.stride = triple_of(layer, "stride", {1, 1, 1});
  window.dilation = triple_of(layer, "dilation", {1, 1, 1});
  const bool is_text = layer.contains("padding") && layer.at("padding").is_string();
  const bool is_same = is_text && layer.at("padding") == "same";
  if (!is_text) window.low = triple_of(layer, "padding", {});
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const Extent reach = window.dilation[axis] * (window.kernel[axis] - 1);
    if (is_same) window.low[axis] = reach / 2;  // the odd voxel is padded on the high side
    const Extent padding = is_same ? reach : 2 * window.low[axis];
    window.output[axis] = (x[axis + 2] + padding - reach - 1) / window.stride[axis] + 1;
  }
  return window;
}

// The padding of other modes than zeros, taken out of the window.
Mix take_padding(Window& window, const Json& layer, const Shape& x) {
  Mix mix;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const Extent reach = window.dilation[axis] * (window.kernel[axis] - 1);
    const Extent low = window.low[axis];
    const bool is_same = layer.at("padding") == "same";
    mix[axis] = layer.at("padding_mode") == "reflect"
                    ? reflected(x[axis + 2], low, is_same ? reach - low : low)
                    : replicated(x[axis + 2], low, is_same ? reach - low : low);
    window.low[axis] = 0;
  }
  return mix;
}

}  // namespace

ReferenceResult reference_conv(const ReferenceCall& call) {
  Array x = call.inputs[0];
  Window window = conv_window(call.layer, x.shape);
  const bool pads_before = call.layer.value("padding_mode", "zeros") != std::string("zeros");
  Mix padding;
  if (pads_before) {
    padding = take_padding(window, call.layer, x.shape);
    x = mixed(x, padding);
  }
  const auto outs = call.layer.at("out_channels").get<Extent>();
  const Extent ins = x.shape[1] / call.layer.value("groups", Extent{1});
  const auto [d, h, w] = window.kernel;
  ReferenceParameter& weight = call.state.parameter(call.name + "/weight", {outs, ins, d, h, w});
  ReferenceParameter* b = call.state.bias(call.layer, call.name, outs);
  return {
      conv(x, weight.value, b == nullptr ? Array() : b->value, window),
      [&weight, b, x, window, pads_before, padding, shape = call.inputs[0].shape](const Array& dy) {
        weight.gradient = conv_weight_gradient(x, weight.value, dy, window);
        if (b != nullptr) b->gradient = bias_gradient(dy);
        Array dx = conv_input_gradient(x, weight.value, dy, window);
        return std::vector{pads_before ? mixed_gradient(dx, shape, padding) : dx};
      }};
}

}  // namespace lucid::test
