#include "kernels/elementwise/softmax.h"

#include <nlohmann/json.hpp>

#include "layers/layer/channel_order.h"
#include "layers/layer/layers.h"

namespace lucid {
namespace {

// Over the channels of every voxel.
class Softmax : public Layer {
 public:
  Shape output_shape(std::span<const Shape> inputs) const override { return inputs[0]; }

  Backward compile(PlanBuilder& b) const override {
    const Layout layout = with_runs(b.layout(b.input()));
    const ChannelRuns runs = runs_of(layout);
    const Value x = b.in_layout(b.input(), layout), y = b.produce(layout);
    b.host_step("softmax", "lucid:softmax", {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}},
                [runs](std::span<void* const> storage) {
                  softmax_forward(runs, static_cast<const float*>(storage[0]),
                                  static_cast<float*>(storage[1]));
                });
    b.set_output(y);
    if (!b.training()) return {};
    return [=](PlanBuilder& back) {
      if (!back.needs_input_gradient()) return;
      const Value dy = back.output_gradient(layout);
      const Value dx = back.owns(dy) ? dy : back.produce(layout);
      back.host_step("softmax gradient", "lucid:softmax",
                     {{DNNL_ARG_SRC, y}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_SRC, dx}},
                     [runs](std::span<void* const> storage) {
                       softmax_backward(runs, static_cast<const float*>(storage[0]),
                                        static_cast<const float*>(storage[1]),
                                        static_cast<float*>(storage[2]));
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
