#include <doctest/doctest.h>

#include "layers/table/compiled_case.h"
#include "support/approx.h"

namespace lucid::test {
TEST_CASE("relu closes at zero and below, and lets a NaN through") {
  CompiledCase relu(case_of({1, 1, 1, 2, 3}, R"([{"type": "ReLU"}])"),
                    {.mode = Mode::kTrain, .input_gradient = true});
  relu.set("input", {-1, 0, 2, kNaN, kInfinity, -kInfinity});
  CHECK(relu.forward() == approx({0, 0, 2, kNaN, kInfinity, 0}));
  relu.backward_of_ones();
  CHECK(relu.plan.input_gradient().values() == approx({0, 0, 1, 1, 1, 0}));
}

TEST_CASE("a ReLU behind a convolution or a Linear becomes part of it") {
  const auto row = case_of({1, 1, 3, 3, 3}, R"([
      {"type": "Conv3D", "name": "conv", "out_channels": 8, "kernel_size": 3}, {"type": "ReLU"},
      {"type": "Linear", "name": "fc", "out_features": 4}, {"type": "ReLU"}])");
  for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
    CompiledCase fused(row, {.mode = mode}), separate(row, {.mode = mode, .fuse_relu = false});
    const auto nodes_of = [](const Plan& plan) {
      std::vector<std::string> nodes;
      for (const StepReport& step : plan.report())
        if (!step.is_backward && step.what != "reorder") nodes.push_back(step.node);
      return nodes;
    };
    CHECK(nodes_of(fused.plan) == std::vector<std::string>{"conv", "fc"});
    CHECK(nodes_of(separate.plan) == std::vector<std::string>{"conv", "relu_1", "fc", "relu_2"});
  }
}

}  // namespace lucid::test
