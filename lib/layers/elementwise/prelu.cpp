#include "kernels/elementwise/prelu.h"

#include <nlohmann/json.hpp>

#include "layers/layer/channel_order.h"
#include "layers/layer/layers.h"

namespace lucid {
namespace {

struct PReLUArguments {
  std::int64_t slopes = 1;  // one, or one per channel
  double init = 0.25;
};

// ReLU with a slope below 0 that is learned.
class PReLU final : public Layer {
 public:
  explicit PReLU(const PReLUArguments& arguments) : a_(arguments) {}

  std::vector<ArgumentError> errors(std::span<const Shape> inputs) const override {
    const std::int64_t channels = inputs[0][0];
    if (a_.slopes == 1 || a_.slopes == channels) return {};
    return {{"num_parameters", "expected 1 or " + std::to_string(channels) +
                                   ", the channels of its input, found " +
                                   std::to_string(a_.slopes)}};
  }
  Shape output_shape(std::span<const Shape> inputs) const override { return inputs[0]; }
  std::vector<ParameterSpec> parameters(std::span<const Shape>) const override {
    return {{.name = "weight", .shape = Shape{a_.slopes}, .initial = a_.init}};
  }
  Cost cost(std::span<const Shape> inputs) const override {
    return {.flops = static_cast<double>(inputs[0].elements())};
  }
  Backward compile(PlanBuilder& b) const override;

 private:
  Layout slopes_layout() const { return onednn::plain_layout(Shape{a_.slopes}); }
  void record_backward(PlanBuilder& back, Value x, const Layout& layout) const;

  PReLUArguments a_;
};

Backward PReLU::compile(PlanBuilder& b) const {
  const Layout layout = with_runs(b.layout(b.input()));
  const Value x = b.in_layout(b.input(), layout), y = b.produce(layout);
  b.host_step("prelu", "lucid:prelu",
              {reads(Slot::kX, x), reads(Slot::kWeight, b.parameter("weight", slopes_layout())),
               writes(Slot::kY, y)},
              [runs = runs_of(layout), are_shared = a_.slopes == 1](const StepArguments& step) {
                prelu_forward(runs, {step.in(Slot::kWeight), are_shared}, step.in(Slot::kX),
                              step.out(Slot::kY));
              });
  b.set_output(y);
  if (!b.training()) return {};
  return [=, this](PlanBuilder& back) { record_backward(back, x, layout); };
}

void PReLU::record_backward(PlanBuilder& back, Value x, const Layout& layout) const {
  const ChannelRuns runs = runs_of(layout);
  const Value dy = back.output_gradient(layout);
  const Value partials = back.produce(onednn::plain_layout(Shape{prelu_partials(runs)}));
  const Value dw = back.produce(slopes_layout());
  std::vector<Argument> arguments{
      reads(Slot::kX, x), reads(Slot::kWeight, back.parameter("weight", slopes_layout())),
      reads(Slot::kDy, dy), updates(Slot::kScratchpad, partials), writes(Slot::kDw, dw)};
  if (back.needs_input_gradient()) {
    const Value dx = back.owns(dy) ? dy : back.produce(layout);
    arguments.push_back(writes(Slot::kDx, dx));
    back.set_input_gradient(dx);
  }
  back.host_step("prelu gradient", "lucid:prelu", std::move(arguments),
                 [runs, are_shared = a_.slopes == 1](const StepArguments& step) {
                   prelu_backward(runs, {step.in(Slot::kWeight), are_shared}, step.in(Slot::kX),
                                  step.in(Slot::kDy), step.maybe_out(Slot::kDx),
                                  step.out(Slot::kScratchpad), step.out(Slot::kDw));
                 });
  back.set_parameter_gradient("weight", dw);
}

}  // namespace

std::unique_ptr<Layer> make_prelu(JsonObject& object) {
  PReLUArguments arguments;
  arguments.slopes = object.integer("num_parameters", {1, 1 << 24}, arguments.slopes);
  arguments.init = object.number("init", {-1e30, 1e30}, arguments.init);
  object.only_null({"device", "dtype"});
  return std::make_unique<PReLU>(arguments);
}

}  // namespace lucid
