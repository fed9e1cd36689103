#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "layers/table/compiled_case.h"
#include "support/approx.h"

namespace lucid::test {
namespace {

const CompileOptions kInference{.mode = Mode::kInfer};

const std::string kBatchNorm = R"([{"type": "BatchNorm3D", "name": "bn"}])";

// What the library says of a network, or of compiling it; empty when it takes it.
std::string refusal(const Shape& input, const std::string& layers, const CompileOptions& options) {
  try {
    const CompiledCase compiled(case_of(input, layers), options);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kUsage);
    return error.what();
  }
  return "";
}

std::string error_in(const std::string& layer) {
  return refusal({2, 4, 8, 8, 8}, "[" + layer + "]", kTraining);
}

}  // namespace

TEST_CASE("a batch norm starts as the identity over running statistics of 0 and 1") {
  CompiledCase norm(
      case_of({1, 2, 1, 1, 2}, R"([{"type": "BatchNorm3D", "name": "bn", "eps": 3}])"), kInference);
  CHECK(norm.value("bn/weight") == approx({1, 1}));
  CHECK(norm.value("bn/bias") == approx({0, 0}));
  CHECK(norm.value("bn/running_mean") == approx({0, 0}));
  CHECK(norm.value("bn/running_var") == approx({1, 1}));
  norm.set("input", {2, 4, 6, -8});
  CHECK(norm.forward() == approx({1, 2, 3, -4}));
}

TEST_CASE("running statistics follow the batches, the variance as that of a sample") {
  CompiledCase norm(case_of({2, 1, 1, 1, 2}, kBatchNorm), kTraining);
  norm.set("input", {1, 2, 3, 6});
  norm.forward();
  CHECK(norm.value("bn/running_mean") == approx({0.3}).within(1e-6));
  CHECK(norm.value("bn/running_var") == approx({0.9 + 14.0 / 3 / 10}).within(1e-6));
  norm.forward();
  CHECK(norm.value("bn/running_mean") == approx({0.57}).within(1e-6));
  CHECK(norm.value("bn/running_var") == approx({0.81 + 0.19 * 14.0 / 3}).within(1e-6));
}

TEST_CASE("inference normalizes by the statistics that training left") {
  CompiledCase norm(
      case_of({2, 1, 1, 1, 2},
              R"([{"type": "BatchNorm3D", "name": "bn", "momentum": 1, "eps": 1e-9}])"),
      kTraining);
  Plan inference = compile(norm.model.graph(), norm.model.parameters(), norm.engine, kInference);
  for (const float scale : {1.F, 10.F}) {
    norm.set("input", {-1 * scale, 1 * scale, -1 * scale, 1 * scale});
    norm.forward();
    std::ranges::fill(inference.input().values(), 2 * scale);
    inference.forward();
    CHECK(inference.output().values() == approx({std::sqrt(3), std::sqrt(3)}).within(1e-6));
  }
}

TEST_CASE("running statistics have no gradient") {
  CompiledCase norm(case_of({2, 3, 1, 2, 2}, kBatchNorm), kTraining);
  norm.forward();
  norm.backward_of_ones();
  for (const Parameter& parameter : norm.model.parameters()) {
    INFO(parameter.name);
    CHECK(static_cast<bool>(parameter.gradient) == parameter.is_trained());
  }
}

TEST_CASE("a batch norm of one value per channel is refused in training alone") {
  const std::string expected =
      "layer 'bn' (BatchNorm3D): expected more than 1 value per channel when training, found a "
      "batch of 1x4x1x1x1; choose another batch_size, or drop_last";
  CHECK(refusal({1, 4, 1, 1, 1}, kBatchNorm, kTraining) == expected);
  CHECK(refusal({1, 4, 1, 1, 1}, kBatchNorm, kInference).empty());
  CHECK(refusal({2, 4, 1, 1, 1}, kBatchNorm, kTraining).empty());
  CHECK(refusal({1, 4, 1, 1, 2}, kBatchNorm, kTraining).empty());
}

TEST_CASE("normalizations and dropout name what is wrong with their arguments") {
  const std::string at = "model.json: /layers/0";
  CHECK(error_in(R"({"type": "BatchNorm3D", "num_features": 5})") ==
        at + "/num_features: layer 'batchnorm3d_1' (BatchNorm3D): expected 4, the channels of its "
             "input, found 5");
  CHECK(error_in(R"({"type": "BatchNorm3D", "momentum": 2})") ==
        at + "/momentum: expected a number >= 0 and <= 1, found 2");
  CHECK(error_in(R"({"type": "BatchNorm3D", "eps": 0})") ==
        at + "/eps: expected a number >= 1e-30, found 0");
  CHECK(error_in(R"({"type": "BatchNorm3D", "track_running_stats": false})") ==
        at + "/track_running_stats: expected true (the only value supported), found false");
  CHECK(error_in(R"({"type": "InstanceNorm3D", "num_features": 3})") ==
        at + "/num_features: layer 'instancenorm3d_1' (InstanceNorm3D): expected 4, the channels "
             "of its input, found 3");
  CHECK(error_in(R"({"type": "GroupNorm", "num_groups": 3})") ==
        at + "/num_groups: layer 'groupnorm_1' (GroupNorm): expected a divisor of the 4 channels "
             "of its input, found 3");
  CHECK(error_in(R"({"type": "GroupNorm", "num_groups": 2, "num_channels": 8})") ==
        at + "/num_channels: layer 'groupnorm_1' (GroupNorm): expected 4, the channels of its "
             "input, found 8");
  CHECK(error_in(R"({"type": "GroupNorm", "num_groups": 3, "num_channels": 4})") ==
        at + "/num_groups: expected a divisor of the 4 channels, found 3");
  CHECK(error_in(R"({"type": "Dropout", "p": 1.5})") ==
        at + "/p: expected a number >= 0 and <= 1, found 1.5");
}

TEST_CASE("normalizations refuse what leaves one value to a statistic") {
  const std::string at = "model.json: /layers/0";
  CHECK(refusal({2, 4, 1, 1, 1}, R"([{"type": "InstanceNorm3D"}])", kInference) ==
        at + ": layer 'instancenorm3d_1' (InstanceNorm3D): expected more than one voxel per "
             "channel, found 4x1x1x1");
  CHECK(refusal({2, 4, 1, 1, 1}, R"([{"type": "GroupNorm", "num_groups": 4}])", kInference) ==
        at + "/num_groups: layer 'groupnorm_1' (GroupNorm): expected groups of more than one "
             "value, found 4 groups over 4x1x1x1");
}

TEST_CASE("a normalization applies the ReLU behind it") {
  for (const char* layer : {R"({"type": "BatchNorm3D", "name": "norm"})",
                            R"({"type": "GroupNorm", "name": "norm", "num_groups": 1})",
                            R"({"type": "InstanceNorm3D", "name": "norm"})"}) {
    const CompiledCase compiled(
        case_of({2, 2, 2, 2, 2}, "[" + std::string(layer) + R"(, {"type": "ReLU"}])"), kTraining);
    for (const StepReport& step : compiled.plan.report())
      CHECK((step.node == "norm" || step.what == "reorder"));
  }
}

}  // namespace lucid::test
