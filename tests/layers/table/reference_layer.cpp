#include "layers/table/reference_layer.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace lucid::test {

ReferenceResult run_reference_layer(const std::string& type, const ReferenceCall& call) {
  // clang-format off
  static const std::map<std::string, ReferenceResult (*)(const ReferenceCall&)> kLayers{
      {"adaptiveavgpool3d", reference_adaptive_avg_pool},
      {"adaptivemaxpool3d", reference_adaptive_max_pool},
      {"add", reference_add},
      {"avgpool3d", reference_avg_pool},
      {"batchnorm3d", reference_batch_norm},
      {"concat", reference_concat},
      {"conv3d", reference_conv},
      {"convtranspose3d", reference_conv_transpose},
      {"dropout", reference_dropout},
      {"dropout3d", reference_dropout3d},
      {"elu", reference_elu},
      {"flatten", reference_flatten},
      {"gelu", reference_gelu},
      {"groupnorm", reference_group_norm},
      {"identity", reference_identity},
      {"instancenorm3d", reference_instance_norm},
      {"leakyrelu", reference_leaky_relu},
      {"linear", reference_linear},
      {"maxpool3d", reference_max_pool},
      {"prelu", reference_prelu},
      {"relu", reference_relu},
      {"scale", reference_scale},
      {"sigmoid", reference_sigmoid},
      {"silu", reference_silu},
      {"softmax", reference_softmax},
      {"tanh", reference_tanh},
      {"upsample", reference_upsample},
  };
  // clang-format on
  return kLayers.at(type)(call);
}

ReferenceParameter& ReferenceState::parameter(const std::string& name, const Shape& shape) {
  const auto known = std::ranges::find(parameters, name, &ReferenceParameter::name);
  if (known != parameters.end()) return *known;
  const Shape::Extent fan = shape.rank() > 1 ? shape.elements() / shape[0] : 1;
  parameters.push_back({name, drawn_array(*row, 2 + parameters.size(), shape, fan), {}});
  return parameters.back();
}

ReferenceParameter* ReferenceState::bias(const Json& layer, const std::string& name,
                                         Shape::Extent count) {
  return layer.value("bias", true) ? &parameter(name + "/bias", {count}) : nullptr;
}

ReferenceBuffer& ReferenceState::buffer(const std::string& name, Shape::Extent count, double center,
                                        double radius) {
  constexpr std::uint64_t kFirstStream = 128;  // beyond those of all parameters
  const auto known = std::ranges::find(buffers, name, &ReferenceBuffer::name);
  if (known != buffers.end()) return *known;
  Array value = drawn_array(*row, kFirstStream + buffers.size(), {count}, 1);
  for (double& number : value.values) number = center + radius * number;
  buffers.push_back({name, value, value});
  return buffers.back();
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

Triple triple_of(const Json& layer, const char* key, const Triple& fallback) {
  if (!layer.contains(key)) return fallback;
  const Json& value = layer.at(key);
  if (value.is_array()) return value.get<Triple>();
  const auto extent = value.get<Shape::Extent>();
  return {extent, extent, extent};
}

Array reshaped(const Array& x, const Shape& shape) {
  Array y = x;
  y.shape = shape;
  return y;
}

Array drawn_array(const Case& row, std::uint64_t stream, const Shape& shape, Shape::Extent fan) {
  Array array(shape);
  const auto values = drawn(row.seed, stream, shape.count(), static_cast<std::size_t>(fan));
  array.values.assign(values.begin(), values.end());
  return array;
}

}  // namespace lucid::test
