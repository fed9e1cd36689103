#include "objective/metric/metric.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "objective/metric/metric_values.h"
#include "support/approx.h"
#include "support/from_text.h"
#include "support/golden.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("metrics agree with PyTorch") {
  const Json golden = read_golden("objective.json");
  for (const Json& row : golden["metrics"]) {
    const auto name = row["name"].get<std::string>(), loss = row["loss"].get<std::string>();
    CAPTURE(name);
    CAPTURE(loss);
    const Shape shape(row["shape"].get<std::vector<Shape::Extent>>());
    const double found =
        metric_value(name, loss, shape, floats(row["prediction"]), floats(row["target"]));
    CHECK(std::vector{found} == approx(doubles(row["value"])).within(1e-12));
  }
}

TEST_CASE("accuracy by hand: the first of equal logits wins") {
  const std::vector<float> prediction = {1, 1, 0, 0, 2, 2, 3, 2, 1};
  CHECK(metric_value("accuracy", "CrossEntropyLoss", {3, 3}, prediction, {0, 1, 2}) == 2.0 / 3);
  CHECK(metric_value("accuracy", "CrossEntropyLoss", {3, 3}, prediction, {1, 2, 0}) == 1.0 / 3);
}

TEST_CASE("accuracy over voxels leaves ignored labels out") {
  // Class 1 is predicted for voxels 0 and 2.
  const std::vector<float> prediction = {0, 1, 0, 0, 1, 0, 1, 0};
  CHECK(metric_value("accuracy", "CrossEntropyLoss", {1, 2, 1, 2, 2}, prediction,
                     {1, 1, 0, -100}) == 1.0 / 3);
  const auto loss =
      from_text(R"({"type": "CrossEntropyLoss", "ignore_index": 1})", "/loss", make_loss);
  const auto metric = make_metric({"accuracy"}, *loss, {2, 1, 2, 2});
  CHECK(metric_value(*metric, {1, 2, 1, 2, 2}, prediction, {1, 1, 0, 0}) == 0.5);
}

TEST_CASE("accuracy of many voxels agrees with looking at each") {
  constexpr std::size_t kVoxels = 11 * 12 * 13, kClasses = 3;
  const std::vector<float> prediction =
      rounded_values(2 * kClasses * kVoxels, Rng(1, "prediction"));
  const std::vector<float> labels = random_classes(2 * kVoxels, kClasses, Rng(1, "labels"));
  double right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    std::size_t best = 0;
    const auto logit = [&](std::size_t c) {
      return prediction[(i / kVoxels * kClasses + c) * kVoxels + i % kVoxels];
    };
    for (std::size_t c = 1; c < kClasses; ++c) best = logit(c) > logit(best) ? c : best;
    right += static_cast<float>(best) == labels[i] ? 1 : 0;
  }
  CHECK(metric_value("accuracy", "CrossEntropyLoss", {2, 3, 11, 12, 13}, prediction, labels) ==
        right / (2 * kVoxels));
}

TEST_CASE("binary accuracy takes a logit of 0 for no") {
  CHECK(metric_value("accuracy", "BCEWithLogitsLoss", {4, 1}, {0, 0, 2, -2}, {0, 1, 1, 1}) == 0.5);
}

TEST_CASE("metrics gather batches and forget them on reset") {
  const auto metric = make_metric({"mae"}, *loss_of("L1Loss"), {1});
  metric->add({2, 1}, std::vector<float>{1, 2}, std::vector<float>{0, 0});
  metric->add({1, 1}, std::vector<float>{6}, std::vector<float>{0});
  CHECK(metric_value(*metric) == 3);
  CHECK(metric_value(*metric, {1, 1}, {6}, {0}) == 6);
}

TEST_CASE("mean errors by hand") {
  CHECK(metric_value("mae", "MSELoss", {2, 2}, {1, 2, 3, 4}, {1, 0, 4, 8}) == 1.75);
  CHECK(metric_value("mse", "MSELoss", {2, 2}, {1, 2, 3, 4}, {1, 0, 4, 8}) == 5.25);
}

TEST_CASE("a metric without anything to measure is NaN") {
  const auto accuracy = make_metric({"accuracy"}, *loss_of("CrossEntropyLoss"), {3});
  CHECK(std::isnan(metric_value(*accuracy)));
  CHECK(std::isnan(metric_value(*accuracy, {1, 3}, {1, 2, 3}, {-100})));
  CHECK(std::isnan(metric_value(*make_metric({"mse"}, *loss_of("MSELoss"), {3}))));
  CHECK(std::isnan(metric_value("auc", "BCEWithLogitsLoss", {2, 1}, {1, 2}, {1, 1})));
  CHECK(std::isnan(metric_value("auc", "CrossEntropyLoss", {2, 2}, {1, 2, 3, 4}, {0, 0})));
  CHECK(std::isnan(metric_value("auc", "BCEWithLogitsLoss", {2, 1}, {1, NAN}, {1, 0})));
}

TEST_CASE("metrics say which way is better") {
  CHECK(MetricConfig{"accuracy"}.higher_is_better());
  CHECK(MetricConfig{"auc"}.higher_is_better());
  CHECK_FALSE(MetricConfig{"mae"}.higher_is_better());
  CHECK_FALSE(MetricConfig{"mse"}.higher_is_better());
}

TEST_CASE("a metric that makes no sense for the loss is refused") {
  struct Row {
    const char *metric, *loss, *error;
  };
  const Row kRows[] = {
      {"auc", "MSELoss",
       "2: metric 'auc': expected a loss over labels, such as CrossEntropyLoss, found MSELoss"},
      {"accuracy", "L1Loss",
       "2: metric 'accuracy': expected a loss over labels, such as CrossEntropyLoss, found L1Loss"},
      {"mae", "CrossEntropyLoss",
       "2: metric 'mae': expected a loss over values, such as MSELoss, found CrossEntropyLoss"},
      {"mse", "BCEWithLogitsLoss",
       "2: metric 'mse': expected a loss over values, such as MSELoss, found BCEWithLogitsLoss"},
      {"acuracy", "MSELoss",
       "2: no metric 'acuracy'; did you mean 'accuracy'? known: accuracy, auc, confusion, dice, "
       "f1, iou, mae, mse, precision, psnr, r2, recall, top_k"},
  };
  for (const Row& row : kRows)
    CHECK(error_of([&] { make_metric({row.metric}, *loss_of(row.loss), {3}); }) == row.error);
}
