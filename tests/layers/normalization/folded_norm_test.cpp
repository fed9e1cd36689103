#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "layers/table/compiled_case.h"
#include "support/approx.h"

// A BatchNorm3D behind a convolution is a part of its weight and bias in inference; an Identity
// between the two keeps them apart. The table of layers compares the same with PyTorch.
namespace lucid::test {
namespace {

// Twice the rounding of sums of a few hundred products; of Winograd's tiles some ten times that.
constexpr std::size_t kFan = 64;  // of weights: outputs are of size 1
constexpr double kRelative = 1e-5, kAbsolute = 2e-6, kOfWinograd = 10;

struct Row {
  std::string name, convolution;  // the type and its arguments
  Shape input;
  std::string route{};
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {"direct", R"("Conv3D", "out_channels": 17, "kernel_size": [1, 3, 2])", {2, 5, 4, 5, 6}},
      {"direct of 16 channels",
       R"("Conv3D", "out_channels": 32, "kernel_size": 3, "padding": 1)",
       {1, 16, 5, 6, 7},
       "onednn"},
      {"winograd",
       R"("Conv3D", "out_channels": 20, "kernel_size": 3, "padding": 1)",
       {1, 16, 6, 8, 8},
       "winograd"},
      {"nested winograd",
       R"("Conv3D", "out_channels": 20, "kernel_size": 3, "padding": 1)",
       {1, 16, 6, 8, 8},
       "winograd_3d"},
      {"few channels",
       R"("Conv3D", "out_channels": 3, "kernel_size": 3, "padding": 1)",
       {1, 18, 4, 5, 6},
       "small_channel"},
      {"depthwise",
       R"("Conv3D", "out_channels": 12, "kernel_size": 3, "groups": 12)",
       {2, 12, 4, 5, 6}},
      {"narrow groups",
       R"("Conv3D", "out_channels": 8, "kernel_size": 2, "groups": 4)",
       {1, 8, 4, 4, 4}},
      {"wide groups",
       R"("Conv3D", "out_channels": 64, "kernel_size": 1, "groups": 2)",
       {1, 32, 3, 4, 4}},
      {"reflected padding",
       R"("Conv3D", "out_channels": 6, "kernel_size": 3, "padding": 1, "padding_mode": "reflect")",
       {1, 4, 4, 5, 4}},
      {"transposed",
       R"("ConvTranspose3D", "out_channels": 7, "kernel_size": 2, "stride": 2)",
       {2, 6, 3, 3, 4}},
      {"transposed groups",
       R"("ConvTranspose3D", "out_channels": 9, "kernel_size": 3, "stride": 2, "groups": 3)",
       {1, 6, 3, 3, 4}}};
  return all;
}

const std::string kNorm = R"({"type": "BatchNorm3D", "name": "norm", "eps": 0.02})";
const std::string kApart = R"({"type": "Identity"}, )";
const std::string kRelu = R"(, {"type": "ReLU", "name": "relu"})";
const std::string kLeaky = R"(, {"type": "LeakyReLU", "name": "relu", "negative_slope": 0.2})";

std::string convolution(const Row& row, bool has_bias) {
  return R"({"type": )" + row.convolution + R"(, "name": "conv", "bias": )" +
         (has_bias ? "true}, " : "false}, ");
}

CompiledCase compiled(const Shape& input, const std::string& layers, const CompileOptions& o) {
  return {case_of(input, "[" + layers + "]"), o};
}

void set_numbers(CompiledCase& network, std::uint64_t seed) {
  std::uint64_t stream = 0;
  for (const Parameter& parameter : network.model.parameters()) {
    auto values = drawn(seed, ++stream, parameter.shape.count(), kFan);
    if (parameter.name.ends_with("running_var"))
      for (float& value : values) value = 1.5F + value;
    network.set(parameter.name, values);
  }
  network.set("input", drawn(seed, 0, network.plan.input().values().size(), 1));
}

bool computes(const Plan& plan, const std::string& node) {
  return std::ranges::any_of(plan.report(), [&](const StepReport& step) {
    return step.node == node && !step.is_preparation && step.what != "reorder";
  });
}

bool does(const Plan& plan, const std::string& what) {
  return std::ranges::any_of(plan.report(),
                             [&](const StepReport& step) { return step.what == what; });
}

Approx nearly(std::span<const float> expected, const Row& row) {
  const double factor = row.route.starts_with("winograd") ? kOfWinograd : 1;
  return approx(expected).within(factor * kRelative, factor * kAbsolute);
}

void compare(const Row& row, const std::string& before, const std::string& behind) {
  const CompileOptions options{.mode = Mode::kInfer, .routes = {.forward = row.route}};
  CompiledCase folded = compiled(row.input, before + kNorm + behind, options);
  CompiledCase apart = compiled(row.input, before + kApart + kNorm + behind, options);
  REQUIRE(computes(apart.plan, "norm"));
  CHECK_FALSE(computes(folded.plan, "norm"));
  CHECK_FALSE(computes(folded.plan, "relu"));
  CHECK((does(folded.plan, behind.empty() ? "convolution+norm" : "convolution+norm+relu") ||
         does(folded.plan, behind.empty() ? "interleave+norm" : "interleave+norm+relu")));
  for (const std::uint64_t seed : {1U, 2U}) {  // the second time parameters have moved
    set_numbers(folded, seed);
    set_numbers(apart, seed);
    CHECK(folded.forward() == nearly(apart.forward(), row));
  }
}

}  // namespace

TEST_CASE("a folded batch norm computes what one of its own computes") {
  for (const Row& row : rows())
    for (const bool has_bias : {true, false})
      for (const std::string& behind : {std::string(), kRelu, kLeaky}) {
        CAPTURE(row.name);
        CAPTURE(has_bias);
        CAPTURE(behind);
        compare(row, convolution(row, has_bias), behind);
      }
}

TEST_CASE("a norm of what another layer or the loss reads as well is not folded") {
  const Row& row = rows().front();
  const std::string layers = convolution(row, true) + kNorm;
  const std::string both = R"(, {"type": "Add", "inputs": ["conv", "norm"]})";
  CHECK(computes(compiled(row.input, layers + both, {}).plan, "norm"));
  CHECK_FALSE(computes(compiled(row.input, layers, {}).plan, "norm"));
  Json model = model_of(case_of(row.input, "[" + layers + "]"));
  model["outputs"] = {"norm", "conv"};
  Engine engine;
  Model network(graph_of(model), engine, 1);
  CHECK(computes(network.plan(Mode::kInfer, 1), "norm"));
}

TEST_CASE("a ReLU on its own lets a NaN through a folded norm") {
  const Row& row = rows().front();
  CompiledCase network =
      compiled(row.input, convolution(row, true) + kNorm + kRelu, {.fuse_relu = false});
  CHECK_FALSE(computes(network.plan, "norm"));
  CHECK(computes(network.plan, "relu"));
  std::vector<float> input(network.plan.input().values().size(), NAN);
  network.set("input", input);
  for (const float value : network.forward()) CHECK(std::isnan(value));
}

TEST_CASE("a folded norm follows the statistics of training steps") {
  const Row& row = rows().front();
  const std::string layers = convolution(row, true);
  CompiledCase training = compiled(row.input, layers + kNorm + kRelu, {.mode = Mode::kTrain});
  CHECK(computes(training.plan, "norm"));
  CompiledCase apart = compiled(row.input, layers + kApart + kNorm + kRelu, {});
  Plan inference = compile(training.model.graph(), training.model.parameters(), training.engine,
                           {.batch = row.input[0]});
  set_numbers(training, 3);
  for (int step = 0; step < 2; ++step) {
    training.forward();  // moves running statistics, and nothing else
    std::ranges::copy(training.plan.input().values(), inference.input().values().begin());
    inference.forward();
    apart.set("input",
              {training.plan.input().values().begin(), training.plan.input().values().end()});
    for (const Parameter& parameter : apart.model.parameters())
      apart.set(parameter.name, training.value(parameter.name));
    CHECK(inference.output().values() == nearly(apart.forward(), row));
  }
}

TEST_CASE("a folded norm is rounded to bfloat16 once, with the weight") {
  if (!onednn::has_bfloat16()) return;
  constexpr double kRounding = 0.02;  // of numbers of size 1, each rounded by up to 2^-9 of itself
  for (const Row& row : rows()) {
    CAPTURE(row.name);
    const std::string layers = convolution(row, true) + kNorm + kRelu;
    CompiledCase exact = compiled(row.input, layers, {}),
                 rounded = compiled(row.input, layers, {.precision = Precision::kBfloat16});
    CHECK_FALSE(computes(rounded.plan, "norm"));
    set_numbers(exact, 4);
    set_numbers(rounded, 4);
    const auto expected = exact.forward();
    const double largest = *std::ranges::max_element(expected);
    CHECK(rounded.forward() == approx(expected).within(0, kRounding * largest));
  }
}

}  // namespace lucid::test
