#include <algorithm>

#include "layers/table/reference_layer.h"

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

// What PyTorch divides the sum over a window by, one an output voxel.
std::vector<double> divisors_of(const Json& layer, const Shape& x, const Window& window) {
  const bool counts_padding = layer.value("count_include_pad", true);
  const auto counted = [&](std::size_t axis, Extent out) {
    const Extent begin = out * window.stride[axis] - window.low[axis];
    const Extent end = std::min(begin + window.kernel[axis], x[axis + 2] + window.low[axis]);
    if (counts_padding) return end - begin;
    return std::min(end, x[axis + 2]) - std::max(begin, Extent{0});
  };
  std::vector<double> divisors;
  for (Extent d = 0; d < window.output[0]; ++d)
    for (Extent h = 0; h < window.output[1]; ++h)
      for (Extent w = 0; w < window.output[2]; ++w)
        divisors.push_back(
            layer.contains("divisor_override")
                ? layer.at("divisor_override").get<double>()
                : static_cast<double>(counted(0, d) * counted(1, h) * counted(2, w)));
  return divisors;
}

// Windows that tile the input.
Window adaptive_window(const Json& layer, const Shape& x) {
  Window window;
  window.output = triple_of(layer, "output_size", {});
  for (std::size_t axis = 0; axis < 3; ++axis)
    window.kernel[axis] = x[axis + 2] / window.output[axis];
  window.stride = window.kernel;
  return window;
}

ReferenceResult max_pool_over(const ReferenceCall& call, const Window& window) {
  const Array& x = call.inputs[0];
  std::vector<std::size_t> winners;
  Array y = max_pool(x, window, winners);
  std::vector<std::size_t>& pattern = call.state.pattern;
  pattern.insert(pattern.end(), winners.begin(), winners.end());
  return {std::move(y), [shape = x.shape, winners](const Array& dy) {
            return std::vector{max_pool_gradient(dy, shape, winners)};
          }};
}

ReferenceResult avg_pool_over(const ReferenceCall& call, const Window& window) {
  const Array& x = call.inputs[0];
  const std::vector<double> divisors = divisors_of(call.layer, x.shape, window);
  return {avg_pool(x, window, divisors), [shape = x.shape, window, divisors](const Array& dy) {
            return std::vector{avg_pool_gradient(dy, shape, window, divisors)};
          }};
}

}  // namespace

ReferenceResult reference_max_pool(const ReferenceCall& call) {
  return max_pool_over(call, pool_window(call.layer, call.inputs[0].shape));
}

ReferenceResult reference_avg_pool(const ReferenceCall& call) {
  return avg_pool_over(call, pool_window(call.layer, call.inputs[0].shape));
}

ReferenceResult reference_adaptive_max_pool(const ReferenceCall& call) {
  return max_pool_over(call, adaptive_window(call.layer, call.inputs[0].shape));
}

ReferenceResult reference_adaptive_avg_pool(const ReferenceCall& call) {
  return avg_pool_over(call, adaptive_window(call.layer, call.inputs[0].shape));
}

}  // namespace lucid::test
