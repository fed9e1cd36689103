#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "layers/table/compiled_case.h"

namespace lucid {
namespace {

using test::Case;
using test::CompiledCase;

struct Network {
  std::string name;
  Case row;
};

std::string convolution(const std::string& name, const std::string& input, int channels) {
  return R"({"type": "Conv3D", "kernel_size": 3, "padding": 1, "name": ")" + name +
         R"(", "inputs": ")" + input + R"(", "out_channels": )" + std::to_string(channels) + "}";
}

// Builds a chain of convolutions of one size.
Case chain(const std::string& between, std::int64_t side = 8) {
  std::string layers = convolution("c0", "input", 16);
  for (int i = 1; i < 9; ++i) {
    const std::string last = "l" + std::to_string(i);
    layers += ", " + between + R"("name": ")" + last + R"("}, )" +
              convolution("c" + std::to_string(i), last, 16);
  }
  return test::case_of({2, 3, side, side, side},
                       "[" + layers + R"(, {"type": "Linear", "out_features": 3}])");
}

Case residual() {
  std::string layers = convolution("b0", "input", 16);
  for (int i = 0; i < 4; ++i) {
    const std::string at = std::to_string(i), from = "b" + at;
    layers += ", " + convolution("x" + at, from, 16) + R"(, {"type": "BatchNorm3D"},
      {"type": "ReLU"}, {"type": "Dropout", "p": 0.3, "name": "d)" +
              at + R"("}, )" + convolution("y" + at, "d" + at, 16) +
              R"(, {"type": "GroupNorm", "num_groups": 4,
      "name": "n)" +
              at + R"("}, {"type": "Add", "inputs": ["b)" + at + R"(", "n)" + at +
              R"("], "name": "b)" + std::to_string(i + 1) + R"("})";
  }
  return test::case_of({2, 2, 6, 6, 6},
                       "[" + layers + R"(, {"type": "Linear", "out_features": 3}])");
}

Case unet(Shape::Extent batch) {
  return test::case_of({batch, 1, 8, 8, 8},
                       "[" + convolution("a0", "input", 16) + R"(,
    {"type": "ReLU"}, {"type": "Conv3D", "kernel_size": 3, "padding": 1, "out_channels": 16},
    {"type": "BatchNorm3D"}, {"type": "LeakyReLU", "name": "top"}, {"type": "MaxPool3D", "kernel_size": 2}, )" +
                           convolution("a1", "maxpool3d_1", 32) +
                           R"(, {"type": "ReLU"}, {"type": "Dropout3D", "p": 0.4},
    {"type": "Conv3D", "kernel_size": 3, "padding": 1, "out_channels": 32}, {"type": "ReLU", "name": "middle"},
    {"type": "AvgPool3D", "kernel_size": 2}, {"type": "Conv3D", "kernel_size": 3, "padding": 1, "out_channels": 64},
    {"type": "ELU"}, {"type": "ConvTranspose3D", "kernel_size": 2, "stride": 2, "out_channels": 32, "name": "grow1"},
    {"type": "Concat", "inputs": ["middle", "grow1"]}, {"type": "Conv3D", "kernel_size": 3, "padding": 1, "out_channels": 32},
    {"type": "InstanceNorm3D"}, {"type": "ReLU"},
    {"type": "ConvTranspose3D", "kernel_size": 2, "stride": 2, "out_channels": 16, "name": "grow0"},
    {"type": "Concat", "inputs": ["top", "grow0"]}, {"type": "Conv3D", "kernel_size": 3, "padding": 1, "out_channels": 16},
    {"type": "ReLU"}, {"type": "Conv3D", "kernel_size": 1, "out_channels": 3}])");
}

// Builds a network in which every layer reads all layers before it.
Case dense() {
  return test::case_of({1, 16, 6, 6, 6}, "[" + convolution("a", "input", 16) + R"(,
    {"type": "Concat", "name": "ab", "inputs": ["input", "a"]}, )" +
                                             convolution("c", "ab", 16) + R"(,
    {"type": "ReLU", "name": "r"}, {"type": "Concat", "name": "abc", "inputs": ["ab", "r"]}, )" +
                                             convolution("d", "abc", 16) +
                                             R"(, {"type": "Concat", "inputs": ["d", "abc"]},
    {"type": "SiLU"}, {"type": "Linear", "out_features": 2}])");
}

const std::vector<Network>& networks() {
  static const std::vector<Network> all = {
      {"chain", chain(R"({"type": "ReLU", )")},
      {"chain of smooth layers", chain(R"({"type": "GELU", )")},
      {"residual blocks with norms and dropout", residual()},
      {"U-Net", unet(1)},
      {"U-Net, two samples", unet(2)},
      {"dense blocks", dense()}};
  return all;
}

CompileOptions within(std::optional<std::size_t> budget) {
  return {.mode = Mode::kTrain, .input_gradient = true, .memory_budget = budget};
}

// Holds everything that two training steps change.
std::vector<std::vector<float>> results_of(CompiledCase& network) {
  Rng rng(3, "input");
  std::vector<std::vector<float>> results;
  for (std::uint64_t draw = 0; draw < 2; ++draw) {
    for (float& value : network.plan.input().values()) value = rng.uniform(-1, 1);
    for (float& value : network.plan.output_gradient().values()) value = rng.uniform(-1, 1);
    network.plan.set_random_state({.seed = 1, .draw = draw});
    const auto output = network.forward();
    results.emplace_back(output.begin(), output.end());
    network.backward();
    results.push_back(network.plan.input_gradient().plain_values(network.engine));
    for (const Parameter& parameter : network.model.parameters())
      results.push_back(parameter.is_trained() ? network.gradient(parameter.name)
                                               : network.value(parameter.name));
  }
  return results;
}

std::size_t bytes_again(const Plan& plan) {
  std::size_t bytes = 0;
  for (const StepReport& step : plan.report())
    if (step.is_recomputed) bytes += step.bytes();
  return bytes;
}

}  // namespace

TEST_CASE("a training step with activations computed again leaves the same bits behind") {
  for (const Network& network : networks()) {
    CAPTURE(network.name);
    CompiledCase keeping(network.row, within({})), smallest(network.row, within(0));
    const auto expected = results_of(keeping);
    CHECK(results_of(smallest) == expected);
    const std::size_t most = keeping.plan.memory_bytes(), least = smallest.plan.memory_bytes();
    CHECK(bytes_again(keeping.plan) == 0);
    CHECK(bytes_again(smallest.plan) > 0);
    REQUIRE(least < most);
    for (const std::size_t share : {std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
      CompiledCase between(network.row, within(least + (most - least) * share / 4));
      CHECK(between.plan.memory_bytes() <= least + (most - least) * share / 4);
      CHECK(bytes_again(between.plan) > 0);
      CHECK(results_of(between) == expected);
    }
  }
}

TEST_CASE("a chain of equal layers takes much less memory when computed again") {
  const Case row = chain(R"({"type": "GELU", )", 16);
  const CompiledCase keeping(row, within({})), smallest(row, within(0));
  MESSAGE("arena ", keeping.plan.arena_bytes(), ", smallest ", smallest.plan.arena_bytes());
  CHECK(smallest.plan.arena_bytes() * 2 < keeping.plan.arena_bytes());
}

TEST_CASE("a budget that everything fits into changes nothing") {
  const CompiledCase keeping(unet(1), within({}));
  const CompiledCase roomy(unet(1), within(keeping.plan.memory_bytes()));
  CHECK(roomy.plan.explain() == keeping.plan.explain());
}

TEST_CASE("the same budget makes the same choice") {
  const CompiledCase keeping(residual(), within({}));
  const CompiledCase one(residual(), within(keeping.plan.memory_bytes() * 4 / 5));
  const CompiledCase other(residual(), within(keeping.plan.memory_bytes() * 4 / 5));
  CHECK(one.plan.explain() == other.plan.explain());
  CHECK(one.plan.explain().find("\nagain    ") != std::string::npos);
}

TEST_CASE("a budget below the least is refused, naming it") {
  const CompiledCase smallest(dense(), within(0));
  const std::string least = bytes_text(smallest.plan.memory_bytes());
  CHECK_THROWS_WITH(CompiledCase(dense(), within(1000)),
                    ("expected at least " + least +
                     ", the least that recomputing leaves of a "
                     "training step, found 1000 B")
                        .c_str());
}

TEST_CASE("running statistics follow a batch once") {
  const CompiledCase smallest(residual(), within(0));
  int updates = 0, norms_again = 0;
  for (const StepReport& step : smallest.plan.report()) {
    updates += step.what == "running statistics" ? 1 : 0;
    norms_again += step.is_recomputed && step.what.starts_with("batch norm") ? 1 : 0;
  }
  CHECK(updates == 4);
  CHECK(norms_again > 0);
}

}  // namespace lucid
