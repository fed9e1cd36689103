#include "layers/weighted/linear.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "layers/weighted/weighted.h"
#include "tensor/onednn.h"

namespace lucid {
namespace {

using onednn::Dims;
using Forward = dnnl::inner_product_forward::primitive_desc;
using BackwardData = dnnl::inner_product_backward_data::primitive_desc;

struct LinearArguments {
  std::optional<std::int64_t> in_features;
  std::int64_t out_features = 1;
  bool bias = true;
};

struct Geometry {
  Layout src, weights, bias, dst;  // weights are `any`; the bias is zero for none
  Layout src_gradient, weights_gradient, dst_gradient;  // they may differ in type
};

class Linear : public Layer {
 public:
  explicit Linear(LinearArguments arguments) : a_(arguments) {}

  std::vector<ArgumentError> errors(std::span<const Shape> inputs) const override {
    if (!a_.in_features || *a_.in_features == inputs[0].elements()) return {};
    return {{"in_features", "expected " + std::to_string(inputs[0].elements()) +
                                ", the elements of its input " + inputs[0].str() + ", found " +
                                std::to_string(*a_.in_features)}};
  }

  Shape output_shape(std::span<const Shape>) const override { return {a_.out_features}; }

  std::vector<ParameterSpec> parameters(std::span<const Shape> inputs) const override {
    const double bound = 1.0 / std::sqrt(static_cast<double>(inputs[0].elements()));
    std::vector<ParameterSpec> specs{
        {"weight", Shape{a_.out_features, inputs[0].elements()}, bound}};
    if (a_.bias) specs.push_back({"bias", Shape{a_.out_features}, bound});
    return specs;
  }

  double multiply_adds(std::span<const Shape> inputs) const override {
    return static_cast<double>(a_.out_features) * static_cast<double>(inputs[0].elements());
  }

  double flops(std::span<const Shape> inputs) const override {
    return 2 * multiply_adds(inputs) + (a_.bias ? static_cast<double>(a_.out_features) : 0);
  }

  std::optional<Reach> reach(std::size_t) const override { return {}; }
  bool can_apply_relu() const override { return true; }
  bool can_apply_leaky_relu() const override { return true; }
  bool knows_bfloat16() const override { return true; }

  Backward compile(PlanBuilder& b) const override;

 private:
  Forward describe(PlanBuilder& b, Geometry& g) const;
  static void compile_backward(PlanBuilder& b, const Geometry& g, const Forward& forward,
                               const WeightedValues& values);

  LinearArguments a_;
};

// The input comes as a convolution left it, blocked, and is multiplied as it is: a reorder to plain
// would cost more than the product. Only where oneDNN has nothing but its reference code for that
// layout, the input is made plain.
Forward Linear::describe(PlanBuilder& b, Geometry& g) const {
  const Layout& input = b.layout(b.input());
  const onednn::Type type = b.product_type();
  Dims weights = onednn::extents(input);
  const Dims output{weights[0], a_.out_features};
  weights[0] = a_.out_features;
  g = {.src = type == onednn::kFloat ? input : onednn::typed_layout(input, type),
       .weights = onednn::any_layout(weights, type),
       .bias = a_.bias ? onednn::plain_layout(Dims{a_.out_features}) : Layout(),
       .dst = onednn::plain_layout(output, b.output_type()),
       .src_gradient = input,
       .weights_gradient = onednn::any_layout(weights),
       .dst_gradient = onednn::plain_layout(output, type)};
  const auto attributes = forward_attributes(b);
  const auto kind = b.forward_kind();
  const auto as_it_is = onednn::describe<dnnl::inner_product_forward>(
      b.device(), attributes, kind, g.src, g.weights, g.bias, g.dst);
  if (onednn::is_plain(input) || !is_reference(as_it_is)) return as_it_is;
  g.src = onednn::plain_layout(onednn::extents(input), type);
  g.src_gradient = onednn::plain_layout(onednn::extents(input), onednn::data_type(input));
  return onednn::describe<dnnl::inner_product_forward>(b.device(), attributes, kind, g.src,
                                                       g.weights, g.bias, g.dst);
}

auto describe_weight_gradient(PlanBuilder& b, const Geometry& g, const Forward& forward) {
  return onednn::describe_backward<dnnl::inner_product_backward_weights>(
      b.device(), b.attributes(), forward, g.src, g.weights_gradient, g.bias, g.dst_gradient);
}

// Left the choice, oneDNN asks for the transposed weight, whose reorder costs more than the
// product.
BackwardData describe_input_gradient(PlanBuilder& b, const Geometry& g, const Forward& forward) {
  const auto with = [&](const Layout& weights) {
    return onednn::describe_backward<dnnl::inner_product_backward_data>(
        b.device(), b.attributes(), forward, g.src_gradient, weights, g.dst_gradient);
  };
  if (onednn::data_type(g.weights) != onednn::kFloat) return with(g.weights);
  const auto as_it_is = with(forward.weights_desc());
  return is_reference(as_it_is) ? with(g.weights) : as_it_is;
}

Backward Linear::compile(PlanBuilder& b) const {
  Geometry g;
  const Forward forward = describe(b, g);
  // Where the product reads a rounded copy of the weights, they are stored as their gradient comes.
  if (b.training() && onednn::data_type(g.weights) != onednn::kFloat)
    b.store_parameter("weight", describe_weight_gradient(b, g, forward).diff_weights_desc());
  const WeightedValues values = weighted_forward<dnnl::inner_product_forward>(
      b, "linear", forward, g.bias, b.input(), b.parameter("weight", forward.weights_desc()));
  if (!b.training()) return {};
  return [=](PlanBuilder& back) { compile_backward(back, g, forward, values); };
}

void Linear::compile_backward(PlanBuilder& b, const Geometry& g, const Forward& forward,
                              const WeightedValues& values) {
  const Value dy = b.in_type(gradient_before_relu(b, forward.dst_desc(), values.y),
                             onednn::data_type(g.dst_gradient));
  if (needs_weight_gradient(b, g.bias)) {
    weighted_gradient<dnnl::inner_product_backward_weights>(
        b, "linear", describe_weight_gradient(b, g, forward), g.bias, values.x, dy);
  }
  if (!b.needs_input_gradient()) return;
  const auto data = describe_input_gradient(b, g, forward);
  b.set_input_gradient(input_gradient<dnnl::inner_product_backward_data>(
      b, "linear", data, dy, b.parameter("weight", data.weights_desc())));
}

}  // namespace

std::unique_ptr<Layer> make_linear(JsonObject& object) {
  constexpr IntegerRange kFeatures{1, std::int64_t{1} << 40};
  LinearArguments a;
  if (object.has("in_features")) a.in_features = object.integer("in_features", kFeatures);
  a.out_features = object.integer("out_features", kFeatures);
  a.bias = object.boolean("bias", true);
  object.only_null({"device", "dtype"});
  return std::make_unique<Linear>(a);
}

}  // namespace lucid
