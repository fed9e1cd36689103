#include "layers/reference_layer.h"

namespace lucid::test {
namespace {

using Extent = Shape::Extent;

Window pool_window(const Json& layer, const Shape& x) {
  Window window;
  window.kernel = triple_of(layer, "kernel_size", {});
  window.stride = triple_of(layer, "stride", window.kernel);
  window.dilation = triple_of(layer, "dilation", {1, 1, 1});
  window.low = triple_of(layer, "padding", {});
  const bool rounds_up = layer.value("ceil_mode", false);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const Extent stride = window.stride[axis], low = window.low[axis];
    const Extent room =
        x[axis + 2] + 2 * low - window.dilation[axis] * (window.kernel[axis] - 1) - 1;
    Extent count = (room + (rounds_up ? stride - 1 : 0)) / stride + 1;
    if (rounds_up && (count - 1) * stride >= x[axis + 2] + low) --count;
    window.output[axis] = count;
  }
  return window;
}

}  // namespace

ReferenceResult reference_max_pool(const ReferenceCall& call) {
  const Array& x = call.inputs[0];
  std::vector<std::size_t> winners;
  Array y = max_pool(x, pool_window(call.layer, x.shape), winners);
  std::vector<std::size_t>& pattern = call.state.pattern;
  pattern.insert(pattern.end(), winners.begin(), winners.end());
  return {std::move(y), [shape = x.shape, winners](const Array& dy) {
            return std::vector{max_pool_gradient(dy, shape, winners)};
          }};
}

}  // namespace lucid::test
