#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "layers/table/compiled_case.h"
#include "support/approx.h"

// What the table's drawn numbers do not reach.
namespace lucid::test {
namespace {

struct Row {
  std::string layer;
  double at_minus_100, at_100;              // f
  double slope_at_minus_100, slope_at_100;  // f'
};

const std::vector<Row> kRows = {
    {R"({"type": "LeakyReLU"})", -1, 100, 0.01, 1},
    {R"({"type": "ELU", "alpha": 2})", -2, 100, 0, 1},
    {R"({"type": "ELU", "alpha": -2})", 2, 100, 0, 1},
    {R"({"type": "GELU"})", 0, 100, 0, 1},
    {R"({"type": "GELU", "approximate": "tanh"})", 0, 100, 0, 1},
    {R"({"type": "SiLU"})", 0, 100, 0, 1},
    {R"({"type": "Sigmoid"})", 0, 1, 0, 0},
    {R"({"type": "Tanh"})", -1, 1, 0, 0},
    {R"({"type": "Scale", "factor": 3})", -300, 300, 3, 3},
};

CompiledCase over(const Shape& input, const std::string& layer) {
  return {case_of(input, "[" + layer + "]"), kTraining};
}

}  // namespace

TEST_CASE("an activation of large numbers is its limit, and lets a NaN through") {
  for (const Row& row : kRows) {
    INFO(row.layer);
    CompiledCase compiled = over({1, 1, 1, 1, 3}, row.layer);
    compiled.set("input", {-100, 100, kNaN});
    CHECK(compiled.forward() == approx({row.at_minus_100, row.at_100, kNaN}).within(1e-6, 1e-30));
    compiled.backward_of_ones();
    const auto gradient = compiled.plan.input_gradient().values();
    CHECK(gradient.first(2) ==
          approx({row.slope_at_minus_100, row.slope_at_100}).within(1e-6, 1e-30));
  }
}

TEST_CASE("no activation of a finite number is a NaN") {
  for (const Row& row : kRows) {
    INFO(row.layer);
    CompiledCase compiled = over({1, 1, 1, 1, 6}, row.layer);
    compiled.set("input", {-1e20F, -1e4F, -88, 88, 1e4F, 1e20F});
    const auto is_nan = [](float value) { return std::isnan(value); };
    CHECK(std::ranges::none_of(compiled.forward(), is_nan));
    compiled.backward_of_ones();
    CHECK(std::ranges::none_of(compiled.plan.input_gradient().values(), is_nan));
  }
}

TEST_CASE("sigmoid, tanh and gelu are accurate over their whole range") {
  constexpr int kCount = 4001;
  std::vector<float> x;
  for (int i = 0; i < kCount; ++i) x.push_back(static_cast<float>(i - kCount / 2) * 0.005F);
  const auto check = [&](const std::string& layer, double (*exact)(double)) {
    INFO(layer);
    CompiledCase compiled = over({1, 1, 1, 1, kCount}, layer);
    compiled.set("input", x);
    std::vector<double> expected;
    for (const float value : x) expected.push_back(exact(value));
    CHECK(compiled.forward() == approx(expected).within(1e-6, 2e-7));
  };
  check(R"({"type": "Sigmoid"})", [](double v) { return 1 / (1 + std::exp(-v)); });
  check(R"({"type": "Tanh"})", [](double v) { return std::tanh(v); });
  check(R"({"type": "ELU"})", [](double v) { return v > 0 ? v : std::expm1(v); });
  check(R"({"type": "GELU"})", [](double v) { return 0.5 * v * std::erfc(-v / std::sqrt(2.0)); });
}

TEST_CASE("softmax of large numbers does not overflow, and a NaN takes its voxel alone") {
  CompiledCase softmax = over({1, 2, 1, 1, 3}, R"({"type": "Softmax"})");
  softmax.set("input", {1000, -1000, kNaN, 1000, 1000, 1});
  CHECK(softmax.forward() == approx({0.5, 0, kNaN, 0.5, 1, kNaN}));
  softmax.backward_of_ones();
  CHECK(softmax.plan.input_gradient().values() == approx({0, 0, kNaN, 0, 0, kNaN}));
}

TEST_CASE("a LeakyReLU behind a convolution or a Linear becomes part of it") {
  const auto row = case_of({1, 1, 3, 3, 3}, R"([
      {"type": "Conv3D", "name": "conv", "out_channels": 8, "kernel_size": 3},
      {"type": "LeakyReLU", "negative_slope": 0.3},
      {"type": "Linear", "name": "fc", "out_features": 4}, {"type": "LeakyReLU"},
      {"type": "Linear", "name": "last", "out_features": 4},
      {"type": "LeakyReLU", "name": "turned", "negative_slope": -0.3}])");
  for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
    const CompiledCase fused(row, {.mode = mode});
    std::vector<std::string> nodes;
    for (const StepReport& step : fused.plan.report())
      if (!step.is_backward && step.what != "reorder") nodes.push_back(step.node);
    CHECK(nodes == std::vector<std::string>{"conv", "fc", "last", "turned"});
  }
}

TEST_CASE("an activation works in the layout of the convolution before it") {
  for (const Row& row : kRows) {
    INFO(row.layer);
    const CompiledCase compiled = over(
        {1, 3, 4, 4, 4}, R"({"type": "Conv3D", "out_channels": 16, "kernel_size": 3, "padding": 1},
                            )" +
                             row.layer + R"(,
                            {"type": "Conv3D", "out_channels": 16, "kernel_size": 3})");
    for (const StepReport& step : compiled.plan.report()) {
      const bool is_reorder_of_it = step.node == "tested" && step.what == "reorder";
      CHECK_FALSE(is_reorder_of_it);
    }
  }
}

}  // namespace lucid::test
