#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "layers/layer/layers.h"
#include "layers/weighted/byte_products.h"
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
  Layout src, weights, bias, dst;  // weights are `any`; no bias is a zero layout
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

  Cost cost(std::span<const Shape> inputs) const override {
    const auto outputs = static_cast<double>(a_.out_features);
    const double multiply_adds = outputs * static_cast<double>(inputs[0].elements());
    return {multiply_adds, 2 * multiply_adds + (a_.bias ? outputs : 0)};
  }

  std::optional<LayerReceptiveField> receptive_field(std::size_t) const override { return {}; }
  Fusion fusion(std::span<const Shape> inputs) const override {
    return {.applies_relu = true, .reads_bfloat16 = true, .not_in_bytes = why_not(inputs[0])};
  }

  Backward compile(PlanBuilder& b) const override;

 private:
  const char* why_not(const Shape& input) const;
  bytes::Convolution in_bytes(const onednn::Dims& input) const;
  Forward describe(PlanBuilder& b, Geometry& g) const;
  static void compile_backward(PlanBuilder& b, const Geometry& g, const Forward& forward,
                               const WeightedValues& values);

  LinearArguments a_;
};

// Multiplies the input in the blocked layout that a convolution left, since a reorder to plain
// would cost more than the product. Only if oneDNN has nothing but its reference code for that
// layout, the input is reordered.
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

// Given `any`, oneDNN asks for the transposed weight, whose reorder costs more than the product.
BackwardData describe_input_gradient(PlanBuilder& b, const Geometry& g, const Forward& forward) {
  const auto with = [&](const Layout& weights) {
    return onednn::describe_backward<dnnl::inner_product_backward_data>(
        b.device(), b.attributes(), forward, g.src_gradient, weights, g.dst_gradient);
  };
  if (onednn::data_type(g.weights) != onednn::kFloat) return with(g.weights);
  const auto as_it_is = with(forward.weights_desc());
  return is_reference(as_it_is) ? with(g.weights) : as_it_is;
}

// A product is the convolution of a volume by a kernel of its size.
bytes::Convolution Linear::in_bytes(const Dims& input) const {
  bytes::Convolution c{.samples = input[0],
                       .inputs = input[1],
                       .outputs = a_.out_features,
                       .input = {1, 1, 1},
                       .output = {1, 1, 1},
                       .has_plain_output = true};
  if (input.size() == 5) c.input = {input[2], input[3], input[4]};
  c.kernel = c.input;
  if (input.size() != 5 || c.inputs < c.lanes) c.lanes = c.inputs;
  return c;
}

const char* Linear::why_not(const Shape& input) const {
  const bool is_read_in_place =
      (input.rank() == 1 || input.rank() == 4) &&
      in_bytes(onednn::Dims(input.with_batch(1).extents())).reads_in_place();
  return is_read_in_place ? why_not_bytes(input.elements(), a_.out_features)
                          : "its inputs do not come in fours";
}

Backward Linear::compile(PlanBuilder& b) const {
  if (b.reads_bytes()) {
    Dims weight = onednn::extents(b.layout(b.input()));
    const bytes::Convolution c = in_bytes(weight);
    weight[0] = a_.out_features;
    record_byte_product(b, "linear", c, weight, a_.bias, {c.samples, a_.out_features});
    return {};
  }
  Geometry g;
  const Forward forward = describe(b, g);
  // If the product reads a bfloat16 copy of the weights, store them in the layout of their
  // gradient.
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
