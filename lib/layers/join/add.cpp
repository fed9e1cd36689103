#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "kernels/elementwise/sum.h"
#include "layers/layer/layers.h"

namespace lucid {
namespace {

// The sum of inputs of one shape, in the layout of the first.
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
      arguments.push_back(
          {DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i), b.in_layout(b.input(i), layout)});
    const Value y = b.produce(layout);
    arguments.push_back({DNNL_ARG_DST, y});
    b.host_step("add", "lucid:sum", std::move(arguments),
                [count = static_cast<std::int64_t>(layout.get_size() / sizeof(float))](
                    std::span<void* const> storage) {
                  const std::size_t inputs = storage.size() - 1;
                  sum_forward(count, storage.first(inputs), static_cast<float*>(storage[inputs]));
                });
    b.set_output(y);
    if (!b.training()) return {};
    return [](PlanBuilder& back) {  // one gradient for all, without a copy
      for (std::size_t i = 0; i < back.input_count(); ++i)
        if (back.needs_input_gradient(i)) back.set_input_gradient(back.output_gradient(), i);
    };
  }
};

}  // namespace

std::unique_ptr<Layer> make_add(JsonObject&) { return std::make_unique<Add>(); }

}  // namespace lucid
