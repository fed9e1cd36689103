#include "layers/table/reference_layer.h"

namespace lucid::test {
namespace {

Array flat(const Array& x) { return reshaped(x, {x.shape[0], x.shape.elements() / x.shape[0]}); }

}  // namespace

ReferenceResult reference_linear(const ReferenceCall& call) {
  const Array x = flat(call.inputs[0]);
  const auto outs = call.layer.at("out_features").get<Shape::Extent>();
  ReferenceParameter& weight = call.state.parameter(call.name + "/weight", {outs, x.shape[1]});
  ReferenceParameter* b = call.state.bias(call.layer, call.name, outs);
  return {linear(x, weight.value, b == nullptr ? Array() : b->value),
          [&weight, b, x, shape = call.inputs[0].shape](const Array& dy) {
            weight.gradient = linear_weight_gradient(x, dy);
            if (b != nullptr) b->gradient = bias_gradient(dy);
            return std::vector{reshaped(linear_input_gradient(weight.value, dy), shape)};
          }};
}

ReferenceResult reference_flatten(const ReferenceCall& call) {
  return {flat(call.inputs[0]), [shape = call.inputs[0].shape](const Array& dy) {
            return std::vector{reshaped(dy, shape)};
          }};
}

}  // namespace lucid::test
