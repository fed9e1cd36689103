#include <doctest/doctest.h>

#include <algorithm>

#include "layers/table/compiled_case.h"

namespace lucid::test {
namespace {

// Their names are all that tells them apart.
const std::string kLayer = R"([{"type": "Dropout", "name": "a", "p": 0.5}])";
const std::string kNamesake = R"([{"type": "Dropout", "name": "b", "p": 0.5}])";

std::vector<float> outputs(const std::string& layers, const RandomState& state,
                           const CompileOptions& options) {
  CompiledCase dropout(case_of({2, 3, 4, 5, 6}, layers), options);
  dropout.set("input", std::vector<float>(720, 1));
  dropout.plan.set_random_state(state);
  const auto output = dropout.forward();
  return {output.begin(), output.end()};
}

}  // namespace

TEST_CASE("dropout is a function of seed, draw and the layer's name") {
  const auto first = outputs(kLayer, {.seed = 3, .draw = 7}, kTraining);
  CHECK(first == outputs(kLayer, {.seed = 3, .draw = 7}, kTraining));
  CHECK(first != outputs(kLayer, {.seed = 3, .draw = 8}, kTraining));
  CHECK(first != outputs(kLayer, {.seed = 4, .draw = 7}, kTraining));
  CHECK(first != outputs(kLayer, {.seed = 7, .draw = 3}, kTraining));
  CHECK(first != outputs(kNamesake, {.seed = 3, .draw = 7}, kTraining));
}

TEST_CASE("dropout's gradient is dropped and scaled as its output was, at every draw") {
  for (const char* layer : {"Dropout", "Dropout3D"}) {
    const std::string text = R"([{"type": ")" + std::string(layer) + R"(", "p": 0.4}])";
    CompiledCase dropout(case_of({2, 5, 3, 3, 3}, text), kTraining);
    dropout.set("input", std::vector<float>(270, 1));
    for (std::uint64_t draw = 0; draw < 3; ++draw) {
      dropout.plan.set_random_state({.seed = 1, .draw = draw});
      const auto output = dropout.forward();
      dropout.backward_of_ones();
      CHECK(std::ranges::equal(output, dropout.plan.input_gradient().values()));
      CHECK(std::ranges::count(output, 0.F) > 0);
      CHECK(std::ranges::count(output, 0.F) < 270);
    }
  }
}

TEST_CASE("dropout hands its input on in inference, without a step of its own") {
  CHECK(outputs(kLayer, {}, {.mode = Mode::kInfer}) == std::vector<float>(720, 1));
  const auto row = case_of({1, 1, 3, 3, 3}, R"([
      {"type": "Conv3D", "name": "conv", "out_channels": 8, "kernel_size": 3},
      {"type": "Dropout3D"}, {"type": "Linear", "name": "fc", "out_features": 4}])");
  const CompiledCase network(row, {.mode = Mode::kInfer});
  for (const StepReport& step : network.plan.report())
    CHECK((step.node == "conv" || step.node == "fc"));
}

}  // namespace lucid::test
