#include "layers/elementwise/activation.h"

#include <array>
#include <nlohmann/json.hpp>

#include "layers/layer/channel_order.h"
#include "layers/layer/elements.h"
#include "layers/layer/layers.h"

namespace lucid {
namespace {

// Computes in the layout of its input, including padding.
class Activation : public Layer {
 public:
  explicit Activation(const Elementwise& function) : f_(function) {}

  Shape output_shape(std::span<const Shape> inputs) const override { return inputs[0]; }
  Fusion fusion(std::span<const Shape>) const override { return {.reads_bfloat16 = f_.keeps_zero}; }
  Backward compile(PlanBuilder& b) const override;

 private:
  Layout working_layout(const Layout& input) const;
  HostFunction forward_step(const Layout& layout) const;

  Elementwise f_;
};

Backward Activation::compile(PlanBuilder& b) const {
  const Layout layout = working_layout(b.layout(b.input()));
  const Value x = b.in_layout(b.input(), layout), y = b.produce(layout);
  b.host_step(f_.name, "lucid:elementwise", {reads(Slot::kX, x), writes(Slot::kY, y)},
              forward_step(layout));
  b.set_output(y);
  if (!b.training()) return {};
  return [=, this](PlanBuilder& back) {
    if (!back.needs_input_gradient()) return;
    const Value dy = back.output_gradient(layout);
    if (back.relu_backward_is_folded()) return back.set_input_gradient(dy);
    const std::array<Value, 3> known{x, y, dy};
    back.set_input_gradient(
        elementwise_gradient(back, f_, known.at(static_cast<std::size_t>(f_.gradient_from)), dy));
  };
}

// If f(0) is not 0, padding has to be cleared afterwards, which needs a layout whose padding we can
// find.
Layout Activation::working_layout(const Layout& input) const {
  return f_.keeps_zero ? input : with_runs(input);
}

HostFunction Activation::forward_step(const Layout& layout) const {
  const HostFunction run = with_element_type(layout, [&](auto number) -> HostFunction {
    using Number = decltype(number);
    return [f = f_, count = element_count(layout)](const StepArguments& step) {
      elementwise_forward(f, count, step.in<Number>(Slot::kX), step.out<Number>(Slot::kY));
    };
  });
  if (f_.keeps_zero) return run;
  return [run, runs = runs_of(layout)](const StepArguments& step) {
    run(step);
    clear_padding(runs, step.out(Slot::kY));
  };
}

// The layer before may fuse it, unless the gradient needs the input.
class LeakyReLU : public Activation {
 public:
  explicit LeakyReLU(float slope) : Activation(leaky_relu(slope)), slope_(slope) {}

  Fusion fusion(std::span<const Shape> inputs) const override {
    Fusion fusion = Activation::fusion(inputs);
    if (slope_ >= 0) fusion.relu_slope = slope_;
    return fusion;
  }

 private:
  float slope_;
};

// Names the value that the gradient is computed from, apart from dy.
Slot known_slot(const Elementwise& f) {
  switch (f.gradient_from) {
    case GradientFrom::kInput:
      return Slot::kX;
    case GradientFrom::kOutput:
      return Slot::kY;
    case GradientFrom::kNothing:
      break;
  }
  return Slot::kDy;
}

HostFunction gradient_step(const Elementwise& f, const Layout& layout) {
  return with_element_type(layout, [&](auto number) -> HostFunction {
    using Number = decltype(number);
    return [f, count = element_count(layout)](const StepArguments& step) {
      elementwise_backward(f, count, step.in<Number>(known_slot(f)), step.in<Number>(Slot::kDy),
                           step.out<Number>(Slot::kDx));
    };
  });
}

constexpr NumberRange kConstants{-1e30, 1e30};  // leaves floats room to multiply

}  // namespace

Value elementwise_gradient(PlanBuilder& b, const Elementwise& f, Value known, Value dy) {
  const Layout layout = b.layout(dy);
  const Value dx = b.owns(dy) ? dy : b.produce(layout);
  std::vector<Argument> arguments{reads(Slot::kDy, dy), writes(Slot::kDx, dx)};
  if (f.gradient_from != GradientFrom::kNothing)
    arguments.insert(arguments.begin(), reads(known_slot(f), known));
  b.host_step(std::string(f.name) + " gradient", "lucid:elementwise", std::move(arguments),
              gradient_step(f, layout));
  return dx;
}

std::unique_ptr<Layer> make_elu(JsonObject& object) {
  object.only("inplace", false);
  return std::make_unique<Activation>(
      elu(static_cast<float>(object.number("alpha", kConstants, 1.0))));
}

std::unique_ptr<Layer> make_gelu(JsonObject& object) {
  static const std::array<std::string, 2> kWays{"none", "tanh"};
  const bool is_exact = object.choice("approximate", kWays, "none") == "none";
  return std::make_unique<Activation>(is_exact ? gelu() : gelu_by_tanh());
}

std::unique_ptr<Layer> make_leaky_relu(JsonObject& object) {
  object.only("inplace", false);
  return std::make_unique<LeakyReLU>(
      static_cast<float>(object.number("negative_slope", kConstants, 0.01)));
}

std::unique_ptr<Layer> make_scale(JsonObject& object) {
  return std::make_unique<Activation>(
      scale(static_cast<float>(object.number("factor", kConstants))));
}

std::unique_ptr<Layer> make_sigmoid(JsonObject&) { return std::make_unique<Activation>(sigmoid()); }

std::unique_ptr<Layer> make_silu(JsonObject& object) {
  object.only("inplace", false);
  return std::make_unique<Activation>(silu());
}

std::unique_ptr<Layer> make_tanh(JsonObject&) { return std::make_unique<Activation>(tanh()); }

}  // namespace lucid
