#include <doctest/doctest.h>

#include <algorithm>

#include "layers/convolution/forced_routes.h"

namespace lucid::test {
namespace {

// The implementation of the step that computes the first weight gradient.
std::string implementation(const Case& row, const std::string& route) {
  CompiledCase compiled(row, {.mode = Mode::kTrain, .routes = {.weight_gradient = route}});
  for (const StepReport& step : compiled.plan.report())
    if (step.what.ends_with("weight gradient")) return step.implementation;
  return "";
}

std::string with_row_of(std::int64_t voxels, const std::string& route) {
  const std::string conv = R"([{"type": "Conv3D", "out_channels": 32, "kernel_size": 3}])";
  return implementation(case_of({1, 32, 3, 3, voxels + 2}, conv), route);
}

}  // namespace

TEST_CASE("every route to a weight gradient leads to the same numbers") {
  for (const Case& row : cases()) {
    if (!has_convolution(row)) continue;
    const ReferenceNetwork numbers(row);
    CAPTURE(row.name);
    CompiledCase library(row, numbers,
                         {.mode = Mode::kTrain, .routes = {.weight_gradient = "onednn"}});
    library.forward();
    library.backward();
    for (const std::string route : {"blocked_gradient", "onednn_padded"}) {
      CAPTURE(route);
      CompiledCase other(row, numbers,
                         {.mode = Mode::kTrain, .routes = {.weight_gradient = route}});
      other.forward();
      other.backward();
      for (const Parameter& parameter : library.model.parameters())
        if (parameter.is_trained())  // both round sums of a few hundred products
          CHECK(other.gradient(parameter.name) ==
                approx(library.gradient(parameter.name)).within(5e-5, 5e-6));
    }
  }
}

TEST_CASE("long rows go to our weight gradient and the choice is always the same") {
  if (onednn::vector_set() == onednn::VectorSet::kPortable) return;
  const std::string ours = with_row_of(32, "");
  CHECK(ours == std::string("lucid:blocked_gradient:") + onednn::vector_set_name());
  CHECK(with_row_of(32, "") == ours);
  CHECK(with_row_of(8, "blocked_gradient") == ours);
  CHECK(with_row_of(32, "onednn").find("lucid") == std::string::npos);
  CHECK(with_row_of(8, "").find("gemm") == std::string::npos);
}

}  // namespace lucid::test
