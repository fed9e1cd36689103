#include "objective/metric/metric.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/rng.h"
#include "support/approx.h"
#include "support/from_text.h"
#include "support/golden.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::unique_ptr<Loss> loss_of(const std::string& type) {
  return from_json(Json{{"type", type}}, "/loss", make_loss);
}

double value_of(const Metric& metric) {
  Measurements measured;
  metric.report(measured);
  return measured.values.front().second;
}

double value_of(Metric& metric, const Shape& shape, const std::vector<float>& prediction,
                const std::vector<float>& target) {
  metric.reset();
  metric.add(shape, prediction, target);
  return value_of(metric);
}

double value_of(const std::string& name, const std::string& loss, const Shape& shape,
                const std::vector<float>& prediction, const std::vector<float>& target) {
  const auto metric = make_metric({name}, *loss_of(loss), shape.without_first());
  return value_of(*metric, shape, prediction, target);
}

// The share of (positive, negative) pairs in the right order, ties half, by looking at all of them.
double pair_count(const std::vector<double>& scores, const std::vector<bool>& is_positive) {
  double right = 0, all = 0;
  for (std::size_t i = 0; i < scores.size(); ++i)
    for (std::size_t j = 0; j < scores.size(); ++j) {
      if (!is_positive[i] || is_positive[j]) continue;
      right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
      ++all;
    }
  return right / all;
}

// Integers, so that ties are many.
std::vector<float> rounded_values(std::size_t count, Rng rng) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.below(7)) - 3;
  return values;
}

std::vector<float> random_labels(std::size_t count, std::uint64_t classes, Rng rng) {
  std::vector<float> labels(count);
  for (float& label : labels) label = static_cast<float>(rng.below(classes));
  return labels;
}

}  // namespace

TEST_CASE("metrics agree with PyTorch") {
  const Json golden = read_golden("objective.json");
  for (const Json& row : golden["metrics"]) {
    const auto name = row["name"].get<std::string>(), loss = row["loss"].get<std::string>();
    CAPTURE(name);
    CAPTURE(loss);
    const Shape shape(row["shape"].get<std::vector<Shape::Extent>>());
    const double found =
        value_of(name, loss, shape, floats(row["prediction"]), floats(row["target"]));
    CHECK(std::vector{found} == approx(doubles(row["value"])).within(1e-12));
  }
}

TEST_CASE("accuracy by hand: the first of equal logits wins") {
  const std::vector<float> prediction = {1, 1, 0, 0, 2, 2, 3, 2, 1};
  CHECK(value_of("accuracy", "CrossEntropyLoss", {3, 3}, prediction, {0, 1, 2}) == 2.0 / 3);
  CHECK(value_of("accuracy", "CrossEntropyLoss", {3, 3}, prediction, {1, 2, 0}) == 1.0 / 3);
}

TEST_CASE("accuracy over voxels leaves ignored labels out") {
  // Two classes; voxels 0 and 2 say class 1.
  const std::vector<float> prediction = {0, 1, 0, 0, 1, 0, 1, 0};
  CHECK(value_of("accuracy", "CrossEntropyLoss", {1, 2, 1, 2, 2}, prediction, {1, 1, 0, -100}) ==
        1.0 / 3);
  const auto loss =
      from_text(R"({"type": "CrossEntropyLoss", "ignore_index": 1})", "/loss", make_loss);
  const auto metric = make_metric({"accuracy"}, *loss, {2, 1, 2, 2});
  CHECK(value_of(*metric, {1, 2, 1, 2, 2}, prediction, {1, 1, 0, 0}) == 0.5);
}

TEST_CASE("accuracy of many voxels agrees with looking at each") {
  constexpr std::size_t kVoxels = 11 * 12 * 13, kClasses = 3;
  const std::vector<float> prediction =
      rounded_values(2 * kClasses * kVoxels, Rng(1, "prediction"));
  const std::vector<float> labels = random_labels(2 * kVoxels, kClasses, Rng(1, "labels"));
  double right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    std::size_t best = 0;
    const auto logit = [&](std::size_t c) {
      return prediction[(i / kVoxels * kClasses + c) * kVoxels + i % kVoxels];
    };
    for (std::size_t c = 1; c < kClasses; ++c) best = logit(c) > logit(best) ? c : best;
    right += static_cast<float>(best) == labels[i] ? 1 : 0;
  }
  CHECK(value_of("accuracy", "CrossEntropyLoss", {2, 3, 11, 12, 13}, prediction, labels) ==
        right / (2 * kVoxels));
}

TEST_CASE("binary accuracy takes a logit of 0 for no") {
  CHECK(value_of("accuracy", "BCEWithLogitsLoss", {4, 1}, {0, 0, 2, -2}, {0, 1, 1, 1}) == 0.5);
}

TEST_CASE("metrics gather batches and forget them on reset") {
  const auto metric = make_metric({"mae"}, *loss_of("L1Loss"), {1});
  metric->add({2, 1}, std::vector<float>{1, 2}, std::vector<float>{0, 0});
  metric->add({1, 1}, std::vector<float>{6}, std::vector<float>{0});
  CHECK(value_of(*metric) == 3);
  CHECK(value_of(*metric, {1, 1}, {6}, {0}) == 6);
}

TEST_CASE("mean errors by hand") {
  CHECK(value_of("mae", "MSELoss", {2, 2}, {1, 2, 3, 4}, {1, 0, 4, 8}) == 1.75);
  CHECK(value_of("mse", "MSELoss", {2, 2}, {1, 2, 3, 4}, {1, 0, 4, 8}) == 5.25);
}

TEST_CASE("auc by hand, ties half") {
  // Positives 3 and 1, negatives 1 and 0: of four pairs three are right and one is tied.
  CHECK(value_of("auc", "BCEWithLogitsLoss", {4, 1}, {3, 1, 1, 0}, {1, 1, 0, 0}) == 3.5 / 4);
  CHECK(value_of("auc", "CrossEntropyLoss", {4, 2}, {0, 3, 0, 1, 4, 5, 2, 2}, {1, 1, 0, 0}) ==
        3.5 / 4);
}

TEST_CASE("auc of classes is the mean over one class against the rest") {
  constexpr std::size_t kCount = 60, kClasses = 4;
  const std::vector<float> logits = rounded_values(kCount * kClasses, Rng(2, "logits"));
  const std::vector<float> labels = random_labels(kCount, kClasses, Rng(2, "labels"));
  double sum = 0;
  for (std::size_t c = 0; c < kClasses; ++c) {
    std::vector<double> scores;
    std::vector<bool> is_positive;
    for (std::size_t i = 0; i < kCount; ++i) {
      double rest = 0;
      for (std::size_t k = 0; k < kClasses; ++k)
        if (k != c) rest += std::exp(logits[i * kClasses + k] - logits[i * kClasses + c]);
      scores.push_back(static_cast<float>(1 / (1 + rest)));  // rounded: equal ones are equal
      is_positive.push_back(labels[i] == static_cast<float>(c));
    }
    sum += pair_count(scores, is_positive);
  }
  const double found = value_of("auc", "CrossEntropyLoss", {kCount, kClasses}, logits, labels);
  CHECK(std::vector{found} == approx({sum / kClasses}).within(1e-12));
}

TEST_CASE("auc of binary channels is the mean over channels, voxels being samples") {
  constexpr std::size_t kVoxels = 12;
  const std::vector<float> logits = rounded_values(2 * 3 * kVoxels, Rng(3, "logits"));
  const std::vector<float> labels = random_labels(logits.size(), 2, Rng(3, "labels"));
  double sum = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<double> scores;
    std::vector<bool> is_positive;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      if (i / kVoxels % 3 != c) continue;
      scores.push_back(logits[i]);
      is_positive.push_back(labels[i] == 1);
    }
    sum += pair_count(scores, is_positive);
  }
  const double found = value_of("auc", "BCEWithLogitsLoss", {2, 3, 1, 3, 4}, logits, labels);
  CHECK(std::vector{found} == approx({sum / 3}).within(1e-12));
}

TEST_CASE("auc of more answers than are kept") {
  const std::size_t count = (std::size_t{1} << 20) + 500000;
  std::vector<float> scores(count), labels(count);
  Rng rng(4, "scores");
  for (std::size_t i = 0; i < count; ++i) {
    labels[i] = rng.below(10) == 0 ? 1.F : 0.F;
    scores[i] = rng.uniform(-4, 4) + rng.uniform(-4, 4) + labels[i];
  }
  double negatives = 0, pairs = 0;
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return scores[i]; });
  for (const std::size_t i : order) {
    negatives += labels[i] == 0 ? 1 : 0;
    pairs += labels[i] == 0 ? 0 : negatives;
  }
  const double exact = pairs / (negatives * (static_cast<double>(count) - negatives));
  const auto samples = static_cast<Shape::Extent>(count);
  const double found = value_of("auc", "BCEWithLogitsLoss", {samples, 1}, scores, labels);
  CHECK(std::vector{found} == approx({exact}).within(1e-6));
  CHECK(found != exact);
}

TEST_CASE("auc leaves ignored labels and classes that do not occur out") {
  const std::vector<float> logits = {0, 3, -9, 0, 1, -9, 4, 5, -9, 2, 2, -9, 9, 0, 9};
  const double found = value_of("auc", "CrossEntropyLoss", {5, 3}, logits, {1, 1, 0, 0, -100});
  CHECK(std::vector{found} == approx({3.5 / 4}).within(1e-12));
}

TEST_CASE("auc tells logits apart whose probability rounds to 1") {
  CHECK(value_of("auc", "CrossEntropyLoss", {2, 3}, {99, 0, 0, 0, 0, 0}, {0, 1}) == 1);
  CHECK(value_of("auc", "CrossEntropyLoss", {2, 2}, {0, 200, 0, 100}, {1, 0}) == 1);
}

TEST_CASE("a metric without anything to measure is NaN") {
  const auto accuracy = make_metric({"accuracy"}, *loss_of("CrossEntropyLoss"), {3});
  CHECK(std::isnan(value_of(*accuracy)));
  CHECK(std::isnan(value_of(*accuracy, {1, 3}, {1, 2, 3}, {-100})));
  CHECK(std::isnan(value_of(*make_metric({"mse"}, *loss_of("MSELoss"), {3}))));
  CHECK(std::isnan(value_of("auc", "BCEWithLogitsLoss", {2, 1}, {1, 2}, {1, 1})));
  CHECK(std::isnan(value_of("auc", "CrossEntropyLoss", {2, 2}, {1, 2, 3, 4}, {0, 0})));
  CHECK(std::isnan(value_of("auc", "BCEWithLogitsLoss", {2, 1}, {1, NAN}, {1, 0})));
}

TEST_CASE("metrics say which way is better") {
  CHECK(make_metric({"accuracy"}, *loss_of("CrossEntropyLoss"), {3})->higher_is_better());
  CHECK(make_metric({"auc"}, *loss_of("CrossEntropyLoss"), {3})->higher_is_better());
  CHECK_FALSE(make_metric({"mae"}, *loss_of("MSELoss"), {3})->higher_is_better());
  CHECK_FALSE(make_metric({"mse"}, *loss_of("MSELoss"), {3})->higher_is_better());
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
