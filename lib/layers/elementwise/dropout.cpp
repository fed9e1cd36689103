#include "kernels/elementwise/dropout.h"

#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "layers/layer/layers.h"
#include "layers/layer/panel_layout.h"
#include "layers/layer/window.h"

namespace lucid {
namespace {

// Zeroes values (Dropout) or whole channels of a sample (Dropout3D) in training, and scales the
// others up; hands its input on in inference.
class DropoutLayer : public Layer {
 public:
  DropoutLayer(DropUnit unit, double p) : unit_(unit), p_(p) {}

  Shape output_shape(std::span<const Shape> inputs) const override {
    if (unit_ == DropUnit::kChannel) spatial_extents(inputs[0]);
    return inputs[0];
  }

  Backward compile(PlanBuilder& b) const override {
    if (!b.training()) {
      b.set_output(b.input());
      return {};
    }
    const Layout layout = panel_layout(b.layout(b.input()));
    const Value y = b.produce(layout);
    record(b, "dropout", b.in_layout(b.input(), layout), {DNNL_ARG_DST, y});
    b.set_output(y);
    return [=, this](PlanBuilder& back) {
      if (!back.needs_input_gradient()) return;
      const Value dy = back.output_gradient(layout);
      const Value dx = back.owns(dy) ? dy : back.produce(layout);
      record(back, "dropout gradient", dy, {DNNL_ARG_DIFF_SRC, dx});
      back.set_input_gradient(dx);
    };
  }

 private:
  // The way back multiplies by the same numbers.
  void record(PlanBuilder& b, const std::string& what, Value from, Argument to) const {
    const Dropout dropout{panels_of(b.layout(from)), unit_, p_};
    b.host_step(what, "lucid:dropout",
                {{DNNL_ARG_WORKSPACE, b.random_state()}, {DNNL_ARG_SRC, from}, to},
                [dropout, name = hash_of(b.name())](std::span<void* const> storage) {
                  const auto& state = *static_cast<const RandomState*>(storage[0]);
                  const std::uint64_t key = mixed(mixed(mixed(state.seed) ^ state.draw) ^ name);
                  drop(dropout, key, static_cast<const float*>(storage[1]),
                       static_cast<float*>(storage[2]));
                });
  }

  DropUnit unit_;
  double p_;
};

std::unique_ptr<Layer> make(JsonObject& object, DropUnit unit) {
  const double p = object.number("p", NumberRange{0, 1}, 0.5);
  object.boolean("inplace", false);  // the plan decides where values lie
  return std::make_unique<DropoutLayer>(unit, p);
}

}  // namespace

std::unique_ptr<Layer> make_dropout(JsonObject& object) { return make(object, DropUnit::kElement); }

std::unique_ptr<Layer> make_dropout3d(JsonObject& object) {
  return make(object, DropUnit::kChannel);
}

}  // namespace lucid
