#include "layers/elementwise/relu.h"

#include <nlohmann/json.hpp>

#include "kernels/elementwise/relu.h"
#include "layers/layer/elements.h"
#include "layers/layer/layers.h"

namespace lucid {
namespace {

HostFunction forward_step(const Layout& layout) {
  return with_element_type(layout, [&](auto number) -> HostFunction {
    using Number = decltype(number);
    return [count = element_count(layout)](const StepArguments& step) {
      relu_forward(count, step.in<Number>(Slot::kX), step.out<Number>(Slot::kY));
    };
  });
}

HostFunction gradient_step(const Layout& layout) {
  return with_element_type(layout, [&](auto number) -> HostFunction {
    using Number = decltype(number);
    return [count = element_count(layout)](const StepArguments& step) {
      relu_backward(count, step.in<Number>(Slot::kY), step.in<Number>(Slot::kDy),
                    step.out<Number>(Slot::kDx));
    };
  });
}

class ReLU : public Layer {
 public:
  Shape output_shape(std::span<const Shape> inputs) const override { return inputs[0]; }
  Fusion fusion(std::span<const Shape>) const override {
    return {.relu_slope = 0.F, .reads_bfloat16 = true};
  }

  Backward compile(PlanBuilder& b) const override {
    const Layout layout = b.layout(b.input());
    const Value y = b.produce(layout);
    b.host_step("relu", "lucid:relu", {reads(Slot::kX, b.input()), writes(Slot::kY, y)},
                forward_step(layout));
    b.set_output(y);
    if (!b.training()) return {};
    return [=](PlanBuilder& back) {
      if (!back.needs_input_gradient()) return;
      const Value dy = back.output_gradient(layout);
      back.set_input_gradient(back.relu_backward_is_folded() ? dy : relu_gradient(back, y, dy));
    };
  }
};

}  // namespace

Value relu_gradient(PlanBuilder& b, Value y, Value dy) {
  const Layout layout = b.layout(dy);
  const Value dx = b.owns(dy) ? dy : b.produce(layout);
  b.host_step("relu gradient", "lucid:relu",
              {reads(Slot::kY, y), reads(Slot::kDy, dy), writes(Slot::kDx, dx)},
              gradient_step(layout));
  return dx;
}

std::unique_ptr<Layer> make_relu(JsonObject& object) {
  object.only("inplace", false);
  return std::make_unique<ReLU>();
}

}  // namespace lucid
