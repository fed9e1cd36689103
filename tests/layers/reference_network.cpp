#include "layers/reference_network.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>

namespace lucid::test {
namespace {

using Extent = Shape::Extent;

Array drawn_array(const Case& row, std::uint64_t stream, const Shape& shape, Extent fan) {
  Array array(shape);
  const auto values = drawn(row.seed, stream, shape.count(), static_cast<std::size_t>(fan));
  array.values.assign(values.begin(), values.end());
  return array;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

Triple triple(const Json& layer, const char* key, const Triple& fallback) {
  if (!layer.contains(key)) return fallback;
  const Json& value = layer.at(key);
  if (value.is_array()) return value.get<Triple>();
  const auto extent = value.get<Extent>();
  return {extent, extent, extent};
}

Window conv_window(const Json& layer, const Shape& x) {
  Window window;
  window.kernel = triple(layer, "kernel_size", {});
  window.stride = triple(layer, "stride", {1, 1, 1});
  window.dilation = triple(layer, "dilation", {1, 1, 1});
  const bool is_text = layer.contains("padding") && layer.at("padding").is_string();
  const bool is_same = is_text && layer.at("padding") == "same";
  if (!is_text) window.low = triple(layer, "padding", {});
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const Extent reach = window.dilation[axis] * (window.kernel[axis] - 1);
    if (is_same) window.low[axis] = reach / 2;  // the odd voxel is padded on the high side
    const Extent padding = is_same ? reach : 2 * window.low[axis];
    window.output[axis] = (x[axis + 2] + padding - reach - 1) / window.stride[axis] + 1;
  }
  return window;
}

Window pool_window(const Json& layer, const Shape& x) {
  Window window;
  window.kernel = triple(layer, "kernel_size", {});
  window.stride = triple(layer, "stride", window.kernel);
  window.dilation = triple(layer, "dilation", {1, 1, 1});
  window.low = triple(layer, "padding", {});
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

Array reshaped(const Array& x, const Shape& shape) {
  Array y = x;
  y.shape = shape;
  return y;
}

}  // namespace

ReferenceNetwork::ReferenceNetwork(const Case& row) : row_(&row) {
  input = drawn_array(row, 0, row.input.with_batch(row.batch), 1);
  forward();
  output_gradient = drawn_array(row, 1, output.shape, output.shape.elements() / output.shape[1]);
}

void ReferenceNetwork::forward() {
  back_.clear();
  pattern.clear();
  output = input;
  std::map<std::string, int> counts;
  for (const Json& layer : row_->layers) {
    const std::string type = lower(layer.at("type").get<std::string>());
    output = run(layer, type + "_" + std::to_string(++counts[type]), output);
  }
}

void ReferenceNetwork::backward() {
  input_gradient = output_gradient;
  for (std::size_t i = back_.size(); i-- > 0;) input_gradient = back_[i](input_gradient);
}

Array ReferenceNetwork::run(const Json& layer, const std::string& name, const Array& x) {
  const std::string type = lower(layer.at("type").get<std::string>());
  if (type == "conv3d") return run_conv(layer, name, x);
  if (type == "maxpool3d") return run_pool(layer, x);
  if (type == "linear") return run_linear(layer, name, flatten(x));
  if (type == "relu") return run_relu(x);
  if (type == "flatten") return flatten(x);
  throw std::runtime_error("no reference for " + type);
}

Array ReferenceNetwork::run_conv(const Json& layer, const std::string& name, const Array& x) {
  const Window window = conv_window(layer, x.shape);
  const auto outs = layer.at("out_channels").get<Extent>();
  const Extent ins = x.shape[1] / layer.value("groups", Extent{1});
  const auto [d, h, w] = window.kernel;
  Parameter& weight = parameter(name + "/weight", {outs, ins, d, h, w});
  Parameter* b = bias(layer, name, outs);
  back_.emplace_back([&weight, b, x, window](const Array& dy) {
    weight.gradient = conv_weight_gradient(x, weight.value, dy, window);
    if (b != nullptr) b->gradient = bias_gradient(dy);
    return conv_input_gradient(x, weight.value, dy, window);
  });
  return conv(x, weight.value, b == nullptr ? Array() : b->value, window);
}

Array ReferenceNetwork::run_pool(const Json& layer, const Array& x) {
  std::vector<std::size_t> winners;
  Array y = max_pool(x, pool_window(layer, x.shape), winners);
  pattern.insert(pattern.end(), winners.begin(), winners.end());
  back_.emplace_back([shape = x.shape, winners](const Array& dy) {
    return max_pool_gradient(dy, shape, winners);
  });
  return y;
}

Array ReferenceNetwork::run_linear(const Json& layer, const std::string& name, const Array& x) {
  const auto outs = layer.at("out_features").get<Extent>();
  Parameter& weight = parameter(name + "/weight", {outs, x.shape[1]});
  Parameter* b = bias(layer, name, outs);
  back_.emplace_back([&weight, b, x](const Array& dy) {
    weight.gradient = linear_weight_gradient(x, dy);
    if (b != nullptr) b->gradient = bias_gradient(dy);
    return linear_input_gradient(weight.value, dy);
  });
  return linear(x, weight.value, b == nullptr ? Array() : b->value);
}

Array ReferenceNetwork::run_relu(const Array& x) {
  for (const double value : x.values) pattern.push_back(value > 0 ? 1 : 0);
  back_.emplace_back([x](const Array& dy) { return relu_gradient(x, dy); });
  return relu(x);
}

Array ReferenceNetwork::flatten(const Array& x) {
  back_.emplace_back([shape = x.shape](const Array& dy) { return reshaped(dy, shape); });
  return reshaped(x, {x.shape[0], x.shape.elements() / x.shape[0]});
}

ReferenceNetwork::Parameter& ReferenceNetwork::parameter(const std::string& name,
                                                         const Shape& shape) {
  const auto known = std::ranges::find(parameters, name, &Parameter::name);
  if (known != parameters.end()) return *known;
  const Extent fan = shape.rank() > 1 ? shape.elements() / shape[0] : 1;
  parameters.push_back({name, drawn_array(*row_, 2 + parameters.size(), shape, fan), {}});
  return parameters.back();
}

ReferenceNetwork::Parameter* ReferenceNetwork::bias(const Json& layer, const std::string& name,
                                                    Extent count) {
  return layer.value("bias", true) ? &parameter(name + "/bias", {count}) : nullptr;
}

}  // namespace lucid::test
