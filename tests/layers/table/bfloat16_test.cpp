#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "layers/table/compiled_case.h"
#include "support/is_reference.h"

// Every row of cases/*.json in bfloat16, beside the same row in float.
namespace lucid::test {
namespace {

// Every number that a product reads is rounded by up to 2^-9 of itself; over a few layers that
// becomes up to a few percent of a tensor's length, and more where a rounding moves the sign before
// a ReLU. A gradient that would be 0 but for rounding, a bias before a norm, is measured by the
// largest tensor of the step.
constexpr double kOfOutputs = 0.04, kOfRoundedGradients = 0.1, kOfLargest = 1e-3;

CompileOptions in_bfloat16(CompileOptions options) {
  options.precision = Precision::kBfloat16;
  return options;
}

// Products read bfloat16 even where float32 is faster: forcing a route also keeps the type.
CompileOptions in_bfloat16_throughout(CompileOptions options) {
  options.routes.forward = "winograd_3d";
  return in_bfloat16(options);
}

double length(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum);
}

double distance(const std::vector<float>& found, const std::vector<float>& expected) {
  REQUIRE(found.size() == expected.size());
  std::vector<float> difference(found.size());
  std::ranges::transform(found, expected, difference.begin(), std::minus<>());
  return length(difference);
}

// All that a training step leaves behind, with names.
std::vector<std::pair<std::string, std::vector<float>>> step_of(CompiledCase& compiled) {
  std::vector<std::pair<std::string, std::vector<float>>> results;
  results.emplace_back("output", copy_of(compiled.forward()));
  compiled.backward();
  results.emplace_back("input gradient", copy_of(compiled.plan.input_gradient().values()));
  for (const Parameter& parameter : compiled.model.parameters())
    if (parameter.is_trained())
      results.emplace_back(parameter.name, compiled.gradient(parameter.name));
  return results;
}

// Rounding makes maxima equal and others the first: whole gradients lie elsewhere then. What max
// pooling does to given numbers is tested beside its kernel.
bool picks_maxima(const Case& row) {
  return std::ranges::any_of(row.layers, [](const Json& layer) {
    return layer["type"].get<std::string>().find("MaxPool") != std::string::npos;
  });
}

bool can_run() {
  if (precision_error(Precision::kBfloat16).empty()) return true;
  MESSAGE("skipped: ", precision_error(Precision::kBfloat16));
  return false;
}

template <class Check>
void for_each_bfloat16_case(const Check& check) {
  if (!can_run()) return;
  for (const Case& row : cases()) {
    SUBCASE(row.name.c_str()) { check(row, ReferenceNetwork(row)); }
  }
}

}  // namespace

TEST_CASE("a training step in bfloat16 is near the one in float") {
  const auto check = [](const Case& row, const ReferenceNetwork& numbers,
                        const CompileOptions& options) {
    CompiledCase exact(row, numbers, kTraining), rounded(row, numbers, options);
    const auto expected = step_of(exact), found = step_of(rounded);
    REQUIRE(found.size() == expected.size());
    double largest = 0;
    for (const auto& [name, values] : expected) largest = std::max(largest, length(values));
    const std::size_t compared = picks_maxima(row) ? 1 : found.size();
    for (std::size_t i = 0; i < compared; ++i) {
      INFO(found[i].first);
      const double share = i == 0 ? kOfOutputs : kOfRoundedGradients;
      CHECK(distance(found[i].second, expected[i].second) <=
            share * length(expected[i].second) + kOfLargest * largest);
    }
  };
  for_each_bfloat16_case([&](const Case& row, const ReferenceNetwork& numbers) {
    check(row, numbers, in_bfloat16(kTraining));
    check(row, numbers, in_bfloat16_throughout(kTraining));
  });
}

TEST_CASE("inference in bfloat16 is near the one in float") {
  for_each_bfloat16_case([](const Case& row, const ReferenceNetwork& numbers) {
    CompiledCase exact(row, numbers, {}), rounded(row, numbers, in_bfloat16({}));
    const std::vector<float> expected = copy_of(exact.forward());
    CHECK(distance(copy_of(rounded.forward()), expected) <= kOfOutputs * length(expected));
  });
}

TEST_CASE("two runs of a step in bfloat16 give the same bits") {
  for_each_bfloat16_case([](const Case& row, const ReferenceNetwork& numbers) {
    CompiledCase first(row, numbers, in_bfloat16(kTraining)),
        second(row, numbers, in_bfloat16(kTraining));
    const auto expected = step_of(first);
    CHECK(step_of(first) == expected);
    CHECK(step_of(second) == expected);
  });
}

TEST_CASE("weights rounded to bfloat16 keep the padding of what they are stored in zero") {
  for_each_bfloat16_case([](const Case& row, const ReferenceNetwork& numbers) {
    CompiledCase compiled(row, numbers, in_bfloat16(kTraining));
    step_of(compiled);
    for (const Parameter& parameter : compiled.model.parameters()) {
      if (!parameter.is_trained()) continue;
      for (const Tensor* tensor : {&parameter.value, &parameter.gradient}) {
        const auto is_set = [](float value) { return value != 0; };
        CHECK(onednn::data_type(tensor->layout()) == onednn::kFloat);
        CHECK(std::ranges::count_if(tensor->values(), is_set) ==
              std::ranges::count_if(tensor->plain_values(compiled.engine), is_set));
      }
    }
  });
}

TEST_CASE("no row of the table runs oneDNN's reference code in bfloat16") {
  if (!can_run()) return;
  for (const Case& row : cases())
    for (const CompileOptions& options : {kTraining, CompileOptions{}}) {
      CompiledCase compiled(row, in_bfloat16(options));
      for (const StepReport& step : compiled.plan.report()) {
        INFO(row.name, ": ", step.node, ": ", step.what, " [", step.implementation, "]");
        CHECK_FALSE(is_reference(step.implementation));
      }
    }
}

TEST_CASE("between convolutions values are bfloat16, before a loss they are float") {
  if (!can_run()) return;
  const Case row = case_of({1, 16, 4, 4, 4}, R"([
      {"type": "Conv3D", "name": "a", "out_channels": 16, "kernel_size": 3, "padding": 1},
      {"type": "ReLU"},
      {"type": "Conv3D", "name": "b", "out_channels": 16, "kernel_size": 3, "padding": 1}])");
  CompiledCase compiled(row, in_bfloat16(kTraining));
  std::map<std::string, std::string> written;
  for (const StepReport& step : compiled.plan.report())
    if (step.what.starts_with("convolution") && !step.is_backward)
      written[step.node] = step.layouts.at(2);
  CHECK(written.at("a").ends_with(" bf16"));
  CHECK_FALSE(written.at("b").ends_with(" bf16"));
}

TEST_CASE("without a matrix unit, bfloat16 leaves those layers in float32 that are faster so") {
  if (!can_run() || onednn::has_matrix_unit()) return;
  const Case row = case_of({1, 1, 32, 32, 32}, R"([
      {"type": "Conv3D", "name": "first", "out_channels": 16, "kernel_size": 3, "padding": 1},
      {"type": "ReLU"},
      {"type": "Conv3D", "name": "chained", "out_channels": 16, "kernel_size": 3, "padding": 1},
      {"type": "ReLU"},
      {"type": "Conv3D", "name": "strided", "out_channels": 32, "kernel_size": 3, "stride": 2, "padding": 1},
      {"type": "BatchNorm3D"},
      {"type": "Conv3D", "name": "behind_norm", "out_channels": 32, "kernel_size": 3, "padding": 1},
      {"type": "BatchNorm3D"},
      {"type": "ConvTranspose3D", "name": "overlapping", "out_channels": 16, "kernel_size": 3, "stride": 2}])");
  CompiledCase compiled(row, in_bfloat16(kTraining));
  std::map<std::string, bool> reads_bfloat16;
  for (const StepReport& step : compiled.plan.report())
    for (const std::string& layout : step.layouts)
      if (step.what != "reorder" && !step.is_backward)
        reads_bfloat16[step.node] |= layout.ends_with(" bf16");
  CHECK_FALSE(reads_bfloat16.at("first"));
  CHECK(reads_bfloat16.at("chained"));
  CHECK(reads_bfloat16.at("strided"));
  CHECK_FALSE(reads_bfloat16.at("behind_norm"));
  CHECK_FALSE(reads_bfloat16.at("overlapping"));
}

TEST_CASE("the first layer whose bfloat16 output is not finite is found") {
  if (!can_run()) return;
  const Case row = case_of({1, 16, 2, 2, 2}, R"([
      {"type": "Conv3D", "name": "a", "out_channels": 16, "kernel_size": 1},
      {"type": "Conv3D", "name": "b", "out_channels": 16, "kernel_size": 1},
      {"type": "Conv3D", "name": "c", "out_channels": 16, "kernel_size": 1}])");
  CompiledCase compiled(row, in_bfloat16(kTraining));
  compiled.set("input", std::vector<float>(128, 1.F));
  compiled.forward();
  CHECK_FALSE(compiled.plan.first_non_finite_node());
  compiled.set("b/bias", std::vector<float>(16, std::numeric_limits<float>::infinity()));
  CHECK(compiled.plan.first_non_finite_node() == "b");
}

}  // namespace lucid::test
