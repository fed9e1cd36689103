#include "layers/winograd.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "layers/compiled_case.h"
#include "support/approx.h"

namespace lucid::test {
namespace {

// The terms of a tile are sums with factors of up to 8, which the sums of its outputs take apart
// again: some ten times the rounding of the definition's sums, of values of size 1.
constexpr double kRelative = 1e-4, kAbsolute = 5e-5;

constexpr CompileOptions training(ConvolutionRoute route) {
  return {.mode = Mode::kTrain, .input_gradient = true, .convolution_route = route};
}

template <class Range>
Approx nearly(const Range& expected) {
  return approx(expected).within(kRelative, kAbsolute);
}

bool goes_winograd(const Plan& plan) {
  return std::ranges::any_of(plan.report(), [](const StepReport& step) {
    return step.implementation.starts_with("lucid:winograd");
  });
}

bool is_possible() { return onednn::vector_set() != onednn::VectorSet::kPortable; }

std::string conv(const std::string& arguments) {
  return R"([{"type": "Conv3D", )" + arguments + "}]";
}

bool is_chosen(const Shape& input, const std::string& arguments) {
  return goes_winograd(
      CompiledCase(case_of(input, conv(arguments)), training(ConvolutionRoute::kBest)).plan);
}

// Output and all gradients, by both routes.
void compare_routes(const Case& row) {
  CompiledCase direct(row, training(ConvolutionRoute::kDirect));
  CompiledCase winograd(row, training(ConvolutionRoute::kWinograd));
  REQUIRE(goes_winograd(winograd.plan));
  REQUIRE_FALSE(goes_winograd(direct.plan));
  const std::size_t inputs = direct.plan.input().values().size();
  const std::size_t outputs = direct.plan.output().values().size();
  const auto input = drawn(1, 0, inputs, 1), gradient = drawn(1, 1, outputs, outputs / 64);
  for (CompiledCase* compiled : {&direct, &winograd}) {
    for (const Parameter& parameter : compiled->model.parameters())
      compiled->set(parameter.name, drawn(1, 2, parameter.shape.count(), 64));
    compiled->set("input", input);
    compiled->plan.forward();
    std::ranges::copy(gradient, compiled->plan.output_gradient().values().begin());
    compiled->plan.backward();
  }
  CHECK(winograd.plan.output().values() == nearly(direct.plan.output().values()));
  CHECK(winograd.plan.input_gradient().values() == nearly(direct.plan.input_gradient().values()));
  for (const Parameter& parameter : direct.model.parameters())
    CHECK(winograd.gradient(parameter.name) == nearly(direct.gradient(parameter.name)));
}

}  // namespace

TEST_CASE("every row of the table of layers comes out the same by Winograd's products") {
  if (!is_possible()) return;
  std::size_t count = 0;
  for (const Case& row : cases()) {
    ReferenceNetwork reference(row);
    CompiledCase compiled(row, reference, training(ConvolutionRoute::kWinograd));
    if (!goes_winograd(compiled.plan)) continue;
    ++count;
    CAPTURE(row.name);
    CHECK(compiled.forward() == nearly(reference.output.values));
    reference.backward();
    compiled.backward();
    CHECK(compiled.plan.input_gradient().values() == nearly(reference.input_gradient.values));
    for (const auto& parameter : reference.parameters)
      CHECK(compiled.gradient(parameter.name) == nearly(parameter.gradient.values));
  }
  CHECK(count >= 40);
}

TEST_CASE("volumes in slabs come out the same by Winograd's products") {
  if (!is_possible()) return;
  struct Row {
    Shape input;
    std::string arguments;
  };
  const std::vector<Row> rows = {
      {{1, 16, 37, 50, 43}, R"("out_channels": 16, "kernel_size": 3, "padding": 1)"},
      {{2, 16, 21, 46, 30},
       R"("out_channels": 40, "kernel_size": [5, 3, 3], "padding": [2, 0, 1])"},
      {{1, 48, 60, 18, 18},
       R"("out_channels": 20, "kernel_size": [1, 3, 3], "padding": [0, 2, 2])"},
      {{6, 32, 9, 13, 14}, R"("out_channels": 32, "kernel_size": 3, "bias": false)"}};
  for (const Row& row : rows) {
    CAPTURE(row.input.str());
    compare_routes(case_of(row.input, conv(row.arguments)));
  }
}

TEST_CASE("convolutions of many channels and kernels of 3x3 go by Winograd's products") {
  if (!is_possible()) return;
  const Shape input{1, 16, 12, 12, 12};
  CHECK(is_chosen(input, R"("out_channels": 16, "kernel_size": 3, "padding": 1)"));
  CHECK(is_chosen(input, R"("out_channels": 16, "kernel_size": [1, 3, 3])"));
  const auto others = {R"("out_channels": 8, "kernel_size": 3)",
                       R"("out_channels": 16, "kernel_size": 5)",
                       R"("out_channels": 16, "kernel_size": 3, "stride": 2)",
                       R"("out_channels": 16, "kernel_size": 3, "dilation": 2)",
                       R"("out_channels": 16, "kernel_size": 3, "groups": 2)",
                       R"("out_channels": 16, "kernel_size": 3, "padding": 3)"};
  for (const std::string other : others) {
    CAPTURE(other);
    CHECK_FALSE(is_chosen(input, other));
  }
  CHECK_FALSE(is_chosen({1, 16, 8, 8, 8}, R"("out_channels": 16, "kernel_size": 3)"));
}

}  // namespace lucid::test
