#include "layers/reference_layer.h"

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

}  // namespace

ReferenceResult reference_conv(const ReferenceCall& call) {
  const Array& x = call.inputs[0];
  const Window window = conv_window(call.layer, x.shape);
  const auto outs = call.layer.at("out_channels").get<Extent>();
  const Extent ins = x.shape[1] / call.layer.value("groups", Extent{1});
  const auto [d, h, w] = window.kernel;
  ReferenceParameter& weight = call.state.parameter(call.name + "/weight", {outs, ins, d, h, w});
  ReferenceParameter* b = call.state.bias(call.layer, call.name, outs);
  return {conv(x, weight.value, b == nullptr ? Array() : b->value, window),
          [&weight, b, x, window](const Array& dy) {
            weight.gradient = conv_weight_gradient(x, weight.value, dy, window);
            if (b != nullptr) b->gradient = bias_gradient(dy);
            return std::vector{conv_input_gradient(x, weight.value, dy, window)};
          }};
}

}  // namespace lucid::test
