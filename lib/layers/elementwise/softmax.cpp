#include "kernels/elementwise/softmax.h"

#include <nlohmann/json.hpp>

#include "layers/layer/channel_order.h"
#include "layers/layer/layers.h"

namespace lucid {
namespace {

// Normalizes over the channels of every voxel.
class Softmax : public Layer {
 public:
  Shape output_shape(std::span<const Shape> inputs) const override { return inputs[0]; }

  Backward compile(PlanBuilder& b) const override {
    const Layout layout = with_runs(b.layout(b.input()));
    const ChannelRuns runs = runs_of(layout);
    const Value x = b.in_layout(b.input(), layout), y = b.produce(layout);
    b.host_step("softmax", "lucid:softmax", {reads(Slot::kX, x), writes(Slot::kY, y)},
                [runs](const StepArguments& step) {
                  softmax_forward(runs, step.in(Slot::kX), step.out(Slot::kY));
                });
    b.set_output(y);
    if (!b.training()) return {};
    return [=](PlanBuilder& back) {
      if (!back.needs_input_gradient()) return;
      const Value dy = back.output_gradient(layout);
      const Value dx = back.owns(dy) ? dy : back.produce(layout);
      back.host_step("softmax gradient", "lucid:softmax",
                     {reads(Slot::kY, y), reads(Slot::kDy, dy), writes(Slot::kDx, dx)},
                     [runs](const StepArguments& step) {
                       softmax_backward(runs, step.in(Slot::kY), step.in(Slot::kDy),
                                        step.out(Slot::kDx));
                     });
      back.set_input_gradient(dx);
    };
  }
};

}  // namespace

std::unique_ptr<Layer> make_softmax(JsonObject& object) {
  object.only("dim", 1);
  return std::make_unique<Softmax>();
}

}  // namespace lucid
