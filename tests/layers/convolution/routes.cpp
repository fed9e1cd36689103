#include "layers/convolution/routes.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace lucid::test {
namespace {

template <class Range>
Approx nearly(const Range& expected, Tolerance tolerance) {
  return approx(expected).within(tolerance.relative, tolerance.absolute);
}

}  // namespace

std::string conv(const std::string& arguments) {
  return R"([{"type": "Conv3D", )" + arguments + "}]";
}

bool goes(const Plan& plan, const std::string& implementation) {
  return std::ranges::any_of(plan.report(), [&](const StepReport& step) {
    return step.implementation.starts_with(implementation);
  });
}

bool is_chosen(const Shape& input, const std::string& arguments,
               const std::string& implementation) {
  const CompiledCase compiled(case_of(input, conv(arguments)), training(ConvolutionRoute::kBest));
  return goes(compiled.plan, implementation);
}

void compare_routes(const Case& row, ConvolutionRoute route, const std::string& implementation,
                    Tolerance tolerance) {
  CompiledCase direct(row, training(ConvolutionRoute::kDirect));
  CompiledCase other(row, training(route));
  REQUIRE(goes(other.plan, implementation));
  REQUIRE_FALSE(goes(direct.plan, implementation));
  const std::size_t inputs = direct.plan.input().values().size();
  const std::size_t outputs = direct.plan.output().values().size();
  const auto input = drawn(1, 0, inputs, 1), gradient = drawn(1, 1, outputs, outputs / 64);
  for (CompiledCase* compiled : {&direct, &other}) {
    for (const Parameter& parameter : compiled->model.parameters())
      compiled->set(parameter.name, drawn(1, 2, parameter.shape.count(), 64));
    compiled->set("input", input);
    compiled->plan.forward();
    std::ranges::copy(gradient, compiled->plan.output_gradient().values().begin());
    compiled->plan.backward();
  }
  CHECK(other.plan.output().values() == nearly(direct.plan.output().values(), tolerance));
  CHECK(other.plan.input_gradient().values() ==
        nearly(direct.plan.input_gradient().values(), tolerance));
  for (const Parameter& parameter : direct.model.parameters())
    CHECK(other.gradient(parameter.name) == nearly(direct.gradient(parameter.name), tolerance));
}

std::size_t compare_table(ConvolutionRoute route, const std::string& implementation,
                          Tolerance tolerance) {
  std::size_t count = 0;
  for (const Case& row : cases()) {
    ReferenceNetwork reference(row);
    CompiledCase compiled(row, reference, training(route));
    if (!goes(compiled.plan, implementation)) continue;
    ++count;
    CAPTURE(row.name);
    CHECK(compiled.forward() == nearly(reference.output.values, tolerance));
    reference.backward();
    compiled.backward();
    CHECK(compiled.plan.input_gradient().values() ==
          nearly(reference.input_gradient.values, tolerance));
    for (const auto& parameter : reference.parameters)
      CHECK(compiled.gradient(parameter.name) == nearly(parameter.gradient.values, tolerance));
  }
  return count;
}

}  // namespace lucid::test
