#include <doctest/doctest.h>

#include <algorithm>

#include "layers/convolution/forced_routes.h"

namespace lucid::test {
namespace {

// Sums of up to a few hundred thousand products of size 1, in another order.
constexpr double kRelative = 5e-5, kAbsolute = 5e-6;

CompiledCase compiled(const Case& row, const ForcedRoutes& routes) {
  const ReferenceNetwork numbers(row);
  return CompiledCase(row, numbers, training(routes));
}

std::vector<std::string> implementations(const CompiledCase& of) {
  std::vector<std::string> names;
  for (const StepReport& step : of.plan.report()) names.push_back(step.implementation);
  return names;
}

Case row_of(const Shape& input, const std::string& arguments) {
  return case_of(input, R"([{"type": "Conv3D", )" + arguments + R"(}, {"type": "LeakyReLU"}])");
}

void compare_with_onednn(const Case& row) {
  CompiledCase own = compiled(row, {});
  CompiledCase library = compiled(row, forced("onednn"));
  REQUIRE(std::ranges::count(implementations(own), "lucid:depthwise") == 2);
  REQUIRE(std::ranges::count(implementations(library), "lucid:depthwise") == 0);
  for (CompiledCase* each : {&own, &library}) {
    each->forward();
    each->backward();
  }
  const auto nearly = [](const auto& expected) {
    return approx(expected).within(kRelative, kAbsolute);
  };
  CHECK(own.plan.output().values() == nearly(library.plan.output().values()));
  CHECK(own.plan.input_gradient().values() == nearly(library.plan.input_gradient().values()));
  for (const Parameter& parameter : library.model.parameters())
    CHECK(own.gradient(parameter.name) == nearly(library.gradient(parameter.name)));
}

}  // namespace

TEST_CASE("rows of many voxels come out of a depthwise convolution as of a dense one") {
  const std::vector<std::pair<Shape, std::string>> rows = {
      {{2, 20, 4, 5, 37}, R"("out_channels": 20, "groups": 20, "kernel_size": 3, "padding": 1)"},
      {{1, 16, 5, 6, 40}, R"("out_channels": 16, "groups": 16, "kernel_size": [2, 3, 5])"},
      {{1, 8, 7, 8, 33},
       R"("out_channels": 8, "groups": 8, "kernel_size": 3, "stride": [1, 2, 2], "padding": 1)"},
      {{1, 9, 9, 8, 30},
       R"("out_channels": 9, "groups": 9, "kernel_size": 3, "dilation": [2, 1, 3], "bias": false)"},
      {{1, 5, 6, 6, 25},
       R"("out_channels": 5, "groups": 5, "kernel_size": 2, "padding": 3, "stride": 3)"}};
  for (const auto& row : rows) {
    CAPTURE(row.first.str());
    compare_with_onednn(row_of(row.first, row.second));
  }
}

TEST_CASE("no step of a grouped convolution copies columns") {
  if (onednn::vector_set() == onednn::VectorSet::kPortable) return;
  for (const std::string arguments :
       {R"("out_channels": 12, "groups": 3, "kernel_size": 3)",
        R"("out_channels": 48, "groups": 6, "kernel_size": 3, "padding": 1)",
        R"("out_channels": 24, "groups": 24, "kernel_size": 3, "padding": 1)",
        R"("out_channels": 48, "groups": 24, "kernel_size": 3, "padding": 1)"}) {
    CAPTURE(arguments);
    const Shape input{1, arguments.find("24") == std::string::npos ? 12 : 24, 6, 6, 9};
    for (const std::string& name : implementations(compiled(row_of(input, arguments), {}))) {
      CAPTURE(name);
      CHECK(name.find("gemm") == std::string::npos);
      CHECK(name.find("ref") == std::string::npos);
    }
  }
}

TEST_CASE("groups of a depthwise convolution behind a step that pads are merged") {
  const auto padded = [](const std::string& mode) {
    return row_of({1, 12, 6, 6, 9},
                  R"("out_channels": 12, "groups": 12, "kernel_size": 3, "padding": 1,
                     "padding_mode": ")" +
                      mode + "\"");
  };
  for (const std::string mode : {"reflect", "replicate"}) {
    CAPTURE(mode);
    const CompiledCase padding = compiled(padded(mode), {});
    const auto steps = padding.plan.report();
    CHECK(std::ranges::find(steps, "gradient of merged groups", &StepReport::what) != steps.end());
  }
}

}  // namespace lucid::test
