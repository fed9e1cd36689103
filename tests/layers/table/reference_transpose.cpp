#include "layers/table/reference_layer.h"

namespace lucid::test {
namespace {

using Extent = Shape::Extent;

// The convolution whose input gradient this layer computes: its input is our output.
Window transposed_window(const Json& layer, const Shape& x) {
  Window window;
  window.kernel = triple_of(layer, "kernel_size", {});
  window.stride = triple_of(layer, "stride", {1, 1, 1});
  window.dilation = triple_of(layer, "dilation", {1, 1, 1});
  window.low = triple_of(layer, "padding", {});
  window.output = {x[2], x[3], x[4]};
  return window;
}

Shape transposed_shape(const Json& layer, const Shape& x, const Window& window) {
  std::vector<Extent> extents{x[0], layer.at("out_channels").get<Extent>()};
  const Triple more = triple_of(layer, "output_padding", {});
  for (std::size_t axis = 0; axis < 3; ++axis)
    extents.push_back((x[axis + 2] - 1) * window.stride[axis] - 2 * window.low[axis] +
                      window.dilation[axis] * (window.kernel[axis] - 1) + more[axis] + 1);
  return Shape(extents);
}

}  // namespace

ReferenceResult reference_conv_transpose(const ReferenceCall& call) {
  const Array& x = call.inputs[0];
  const Window window = transposed_window(call.layer, x.shape);
  const Array extents(transposed_shape(call.layer, x.shape, window));
  const Extent outs = extents.shape[1], groups = call.layer.value("groups", Extent{1});
  const auto [d, h, w] = window.kernel;
  ReferenceParameter& weight =
      call.state.parameter(call.name + "/weight", {x.shape[1], outs / groups, d, h, w});
  ReferenceParameter* b = call.state.bias(call.layer, call.name, outs);
  Array y = conv_input_gradient(extents, weight.value, x, window);
  const auto voxels = static_cast<std::size_t>(y.shape.elements() / y.shape[0] / outs);
  for (std::size_t i = 0; b != nullptr && i < y.values.size(); ++i)
    y.values[i] += b->value.values[i / voxels % b->value.values.size()];
  return {std::move(y), [&weight, b, x, window](const Array& dy) {
            weight.gradient = conv_weight_gradient(dy, weight.value, x, window);
            if (b != nullptr) b->gradient = bias_gradient(dy);
            return std::vector{conv(dy, weight.value, Array(), window)};
          }};
}

}  // namespace lucid::test
