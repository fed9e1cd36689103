#include "kernels/elementwise/dropout.h"

#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "layers/layer/layers.h"
#include "layers/layer/panel_layout.h"
#include "layers/layer/window.h"

namespace lucid {
namespace {

// Zeroes elements (Dropout) or whole channels of a sample (Dropout3D) in training and scales the
// others up. Inference returns the input.
class DropoutLayer : public Layer {
 public:
  DropoutLayer(DropUnit unit, double p) : unit_(unit), p_(p) {}

  Shape output_shape(std::span<const Shape> inputs) const override {
    if (unit_ == DropUnit::kChannel) spatial_extents(inputs[0]);
    return inputs[0];
  }

  Fusion fusion(std::span<const Shape>) const override { return {.passes_bytes = true}; }

  Backward compile(PlanBuilder& b) const override {
    if (!b.training()) {
      b.set_output(b.input());
      return {};
    }
    const Layout layout = panel_layout(b.layout(b.input()));
    const Value y = b.produce(layout);
    const Value x = b.in_layout(b.input(), layout);
    b.host_step(
        "dropout", "lucid:dropout",
        {reads(Slot::kRandomState, b.random_state()), reads(Slot::kX, x), writes(Slot::kY, y)},
        dropping_step(b, layout, Slot::kX, Slot::kY));
    b.set_output(y);
    return [=, this](PlanBuilder& back) {
      if (!back.needs_input_gradient()) return;
      const Value dy = back.output_gradient(layout);
      const Value dx = back.owns(dy) ? dy : back.produce(layout);
      back.host_step("dropout gradient", "lucid:dropout",
                     {reads(Slot::kRandomState, back.random_state()), reads(Slot::kDy, dy),
                      writes(Slot::kDx, dx)},
                     dropping_step(back, layout, Slot::kDy, Slot::kDx));
      back.set_input_gradient(dx);
    };
  }

 private:
  // The backward pass multiplies dy by the same factors as the forward pass multiplies x.
  HostFunction dropping_step(const PlanBuilder& b, const Layout& layout, Slot from, Slot to) const {
    return [=, dropout = Dropout{panels_of(layout), unit_, p_},
            name = hash_of(b.name())](const StepArguments& step) {
      const RandomState& state = *step.in<RandomState>(Slot::kRandomState);
      const std::uint64_t key = mixed(mixed(mixed(state.seed) ^ state.draw) ^ name);
      drop(dropout, key, step.in(from), step.out(to));
    };
  }

  DropUnit unit_;
  double p_;
};

std::unique_ptr<Layer> make(JsonObject& object, DropUnit unit) {
  const double p = object.number("p", NumberRange{0, 1}, 0.5);
  object.boolean("inplace", false);  // accepted, but the plan decides where values lie
  return std::make_unique<DropoutLayer>(unit, p);
}

}  // namespace

std::unique_ptr<Layer> make_dropout(JsonObject& object) { return make(object, DropUnit::kElement); }

std::unique_ptr<Layer> make_dropout3d(JsonObject& object) {
  return make(object, DropUnit::kChannel);
}

}  // namespace lucid
