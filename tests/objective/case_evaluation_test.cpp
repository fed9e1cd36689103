#include "objective/case_evaluation.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "objective/evaluation.h"

namespace lucid {
namespace {

std::unique_ptr<Objective> made_objective(const Json& loss) {
  const Json root = {{"loss", loss}};
  ConfigErrors errors("a.json");
  JsonObject object(root, "", errors);
  return read_objective(object, {});
}

std::vector<MetricConfig> metrics_of(std::initializer_list<const char*> names) {
  std::vector<MetricConfig> metrics;
  for (const char* name : names) metrics.push_back({.type = name});
  return metrics;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("each case has its own loss and metrics, over all of its samples") {
  const auto objective = made_objective({{"type", "MSELoss"}});
  const Shape shape{1, 1, 1, 2};
  CaseEvaluation evaluation(*objective, metrics_of({"mae", "r2"}), shape, true);
  CHECK(evaluation.names() == Names{"loss", "mae", "r2"});
  Evaluation whole(*objective, metrics_of({"mae", "r2"}), shape);
  const auto add = [&](std::vector<float> prediction, std::vector<float> target) {
    const OutputValues output{shape.with_batch(1), prediction, {}};
    std::vector<double> numbers;
    whole.measure(std::span(&output, 1), target, numbers);
    std::span<const double> left = numbers;
    evaluation.take(left);
    CHECK(left.empty());
  };
  std::vector<double> values;
  add({1, 2}, {0, 0});
  add({0, 0}, {0, 3});
  evaluation.end_case(values);
  CHECK(values[0] == (1 + 4 + 9) / 4.0);
  CHECK(values[1] == (1 + 2 + 3) / 4.0);
  add({1, 1}, {1, 1});
  evaluation.end_case(values);
  REQUIRE(values.size() == 6);
  CHECK(values[3] == 0);
  CHECK(values[4] == 0);
  CHECK(std::isnan(values[5]));
}

TEST_CASE("of a case without voxels only metrics are measured that one label has") {
  const auto objective = made_objective({{"type", "CrossEntropyLoss"}});
  const auto metrics = metrics_of({"accuracy", "auc", "confusion", "dice", "f1", "top_k"});
  CHECK(CaseEvaluation(*objective, metrics, Shape{8}, false).names() ==
        Names{"loss", "accuracy", "top_5"});
  CHECK(CaseEvaluation(*objective, metrics_of({"accuracy", "auc", "dice"}), Shape{2, 1, 1, 4}, true)
            .names() == Names{"loss", "accuracy", "dice", "dice_0", "dice_1"});
}

TEST_CASE("a sample with one label has a class and a predicted one") {
  const auto classes = made_objective({{"type", "CrossEntropyLoss"}});
  const std::vector<float> logits{0, 2, 2};
  const OutputValues sample{Shape{1, 3}, logits, {}};
  const auto pair = classes_of(classes->main(), sample, std::vector<float>{2});
  REQUIRE(pair);
  CHECK(pair->target == 2);
  CHECK(pair->prediction == 1);  // of equal logits the first
  CHECK_FALSE(classes_of(classes->main(), sample, std::vector<float>{2, 1}));
  const auto binary = made_objective({{"type", "BCEWithLogitsLoss"}});
  const std::vector<float> logit{-0.5F};
  const auto negative = classes_of(binary->main(), {Shape{1, 1}, logit, {}}, std::vector<float>{1});
  CHECK(negative->target == 1);
  CHECK(negative->prediction == 0);
  const auto values = made_objective({{"type", "MSELoss"}});
  CHECK_FALSE(classes_of(values->main(), {Shape{1, 1}, logit, {}}, std::vector<float>{1}));
}

}  // namespace lucid
