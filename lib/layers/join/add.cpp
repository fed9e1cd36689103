#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "kernels/elementwise/sum.h"
#include "layers/layer/elements.h"
#include "layers/layer/layers.h"

namespace lucid {
namespace {

// Adds inputs of one shape, in the layout of the first.
class Add : public Layer {
 public:
  InputCount input_count() const override { return {2, std::numeric_limits<std::size_t>::max()}; }

  Shape output_shape(std::span<const Shape> inputs) const override {
    const auto is_other = [&](const Shape& shape) { return shape != inputs[0]; };
    if (std::ranges::any_of(inputs, is_other))
      throw Error(ExitCode::kUsage, "inputs differ in shape");
    return inputs[0];
  }

  Cost cost(std::span<const Shape> inputs) const override {
    const auto elements = static_cast<double>(inputs[0].elements());
    return {.flops = elements * static_cast<double>(inputs.size() - 1)};
  }

  Backward compile(PlanBuilder& b) const override {
    const Layout layout = b.layout(b.input());
    std::vector<Argument> arguments;
    for (std::size_t i = 0; i < b.input_count(); ++i)
      arguments.push_back(reads(Slot::kX, b.in_layout(b.input(i), layout), static_cast<int>(i)));
    const Value y = b.produce(layout);
    arguments.push_back(writes(Slot::kY, y));
    b.host_step("add", "lucid:sum", std::move(arguments),
                [count = element_count(layout), x = std::vector<const float*>(b.input_count())](
                    const StepArguments& step) mutable {
                  for (std::size_t i = 0; i < x.size(); ++i)
                    x[i] = step.in(Slot::kX, static_cast<int>(i));
                  sum_forward(count, x, step.out(Slot::kY));
                });
    b.set_output(y);
    if (!b.training()) return {};
    // All inputs share one gradient, without a copy.
    return [](PlanBuilder& back) {
      for (std::size_t i = 0; i < back.input_count(); ++i)
        if (back.needs_input_gradient(i)) back.set_input_gradient(back.output_gradient(), i);
    };
  }
};

}  // namespace

std::unique_ptr<Layer> make_add(JsonObject&) { return std::make_unique<Add>(); }

}  // namespace lucid
