#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "objective/evaluation.h"
#include "objective/loss/random_batch.h"
#include "objective/loss/reference_loss.h"
#include "support/approx.h"
#include "support/from_text.h"

// Loss, gradients and metrics of a set do not depend on how its samples are divided into batches.
namespace lucid::test {
namespace {

constexpr std::size_t kSamples = 7;
using Split = std::vector<std::size_t>;  // the sizes of the batches
const std::vector<Split> kSplits = {
    {7}, {1, 1, 1, 1, 1, 1, 1}, {2, 2, 2, 1}, {4, 3}, {1, 5, 1}, {3, 3, 1}, {6, 1}};

const std::vector<std::string> kOutputs = {"out"};

std::unique_ptr<Objective> objective_of(const std::string& loss) {
  return from_text("{\"loss\": " + loss + "}", "",
                   [](JsonObject& root) { return read_objective(root, kOutputs); });
}

// Predictions and targets of kSamples samples. In some of them few labels count, in one none.
struct Samples {
  Shape shape, target_shape;  // without N
  std::vector<float> prediction, target;

  Samples(const Loss& loss, const char* config, Shape of_sample, Shape of_target)
      : shape(std::move(of_sample)), target_shape(std::move(of_target)) {
    const LossRow row{config, shape.with_batch(kSamples), target_shape.with_batch(kSamples)};
    prediction = random_values(row.shape, Rng(1, "prediction"));
    target = random_targets(loss, row, prediction, Rng(1, "target"));
    if (const auto ignored = loss.ignore_index()) {
      const auto all = static_cast<std::ptrdiff_t>(target_shape.count());
      std::fill_n(target.begin() + all, all, static_cast<float>(*ignored));
      std::fill_n(target.begin() + 3 * all, all - all / 4, static_cast<float>(*ignored));
    }
  }
  std::span<const float> predictions(std::size_t first, std::size_t count) const {
    return std::span(prediction).subspan(first * shape.count(), count * shape.count());
  }
  std::span<const float> targets(std::size_t first, std::size_t count) const {
    return std::span(target).subspan(first * target_shape.count(), count * target_shape.count());
  }
  Shape batch_shape(std::size_t count) const {
    return shape.with_batch(static_cast<Shape::Extent>(count));
  }
};

// The loss of all batches and the gradient that they leave together.
struct Result {
  double loss;
  std::vector<float> gradient;
};

// Does what a step of several batches does.
Result result_of(Objective& objective, const Samples& samples, const Split& split) {
  ObjectiveSums whole, batch, sums;
  std::vector<float> gradient(samples.prediction.size());
  const auto visit = [&](const auto& work) {
    std::size_t first = 0;
    for (const std::size_t count : split) {
      work(first, count);
      first += count;
    }
  };
  const auto differentiate = [&](std::size_t first, std::size_t count, const ObjectiveSums& all,
                                 std::span<float> written) {
    const OutputValues output{samples.batch_shape(count), samples.predictions(first, count),
                              written};
    objective.differentiate(std::span(&output, 1), samples.targets(first, count), all, batch);
  };
  visit([&](std::size_t first, std::size_t count) {
    if (split.size() == 1) return;
    const Shape shape = samples.batch_shape(count);
    if (objective.whole_needs_predictions())
      differentiate(first, count, {}, {});
    else
      objective.weigh(std::span(&shape, 1), samples.targets(first, count), batch);
    whole += batch;
  });
  visit([&](std::size_t first, std::size_t count) {
    differentiate(
        first, count, whole,
        std::span(gradient).subspan(first * samples.shape.count(), count * samples.shape.count()));
    sums += batch;
  });
  return {objective.value(sums).value(), gradient};
}

Measurements measured_in(Objective& objective, const std::vector<MetricConfig>& metrics,
                         const Samples& samples, const Split& split) {
  Evaluation evaluation(objective, metrics, samples.shape);
  std::size_t first = 0;
  for (const std::size_t count : split) {
    const OutputValues output{samples.batch_shape(count), samples.predictions(first, count), {}};
    evaluation.add(std::span(&output, 1), samples.targets(first, count));
    first += count;
  }
  return evaluation.measured();
}

// NaN, which equals nothing, becomes a number that nothing else has.
std::vector<double> numbers_of(const Measurements& measured) {
  std::vector<double> numbers;
  for (const NamedValues* list : {&measured.values, &measured.details})
    for (const auto& [name, value] : *list) numbers.push_back(std::isnan(value) ? -12345 : value);
  for (const auto& [name, table] : measured.tables)
    for (const auto& row : table)
      for (const std::int64_t count : row) numbers.push_back(static_cast<double>(count));
  return numbers;
}

std::vector<double> in_double(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

void check_loss(const std::string& loss, const Shape& of_sample, const Shape& of_target) {
  const auto objective = objective_of(loss);
  const Samples samples(objective->main(), loss.c_str(), of_sample, of_target);
  const Result whole = result_of(*objective, samples, kSplits.front());
  const double scale = std::abs(
      *std::ranges::max_element(whole.gradient, {}, [](float value) { return std::abs(value); }));
  for (const Split& split : kSplits) {
    CAPTURE(split.size());
    CAPTURE(split.front());
    const Result found = result_of(*objective, samples, split);
    CHECK(std::vector{found.loss} == approx(std::vector{whole.loss}).within(1e-6));
    CHECK(found.gradient == approx(in_double(whole.gradient)).within(0, 1e-6 * scale));
    const double measured = measured_in(*objective, {}, samples, split).values.front().second;
    CHECK(std::vector{measured} == approx(std::vector{whole.loss}).within(1e-6));
  }
}

}  // namespace

TEST_CASE("a loss and its gradient are those of all samples, however they are divided") {
  for (const LossRow& row : kLossRows) {
    CAPTURE(row.config);
    CAPTURE(row.shape.str());
    check_loss(row.config, row.shape.without_first(), row.target.without_first());
    const auto objective = objective_of(row.config);
    const Samples samples(objective->main(), row.config, row.shape.without_first(),
                          row.target.without_first());
    const double expected =
        reference_loss(parse_json(row.config, "a.json"), samples.batch_shape(kSamples),
                       in_double(samples.prediction), in_double(samples.target));
    CHECK(std::vector{result_of(*objective, samples, {2, 5}).loss} ==
          approx(std::vector{expected}).within(1e-6));
  }
}

TEST_CASE("so are sums of losses that divide by different weights") {
  for (const char* losses :
       {R"([{"type": "CrossEntropyLoss", "weight": [0.1, 3, 1], "ignore_index": 2},
            {"type": "DiceLoss", "factor": 0.5, "ignore_index": 2}])",
        R"([{"type": "CrossEntropyLoss", "label_smoothing": 0.1},
            {"type": "DiceLoss", "batch": true, "include_background": false, "factor": 2},
            {"type": "FocalLoss", "factor": 0.25, "weight": [1, 2, 3]}])",
        R"([{"type": "CrossEntropyLoss"}, {"type": "CrossEntropyLoss", "reduction": "sum",
            "factor": 0.01}])"}) {
    CAPTURE(losses);
    check_loss(losses, {3, 2, 3, 2}, {2, 3, 2});
  }
}

TEST_CASE("metrics are those of all samples, however they are divided") {
  struct Row {
    const char *loss, *metrics;
    Shape sample, target;
  };
  const auto labels = R"(["accuracy", "auc", "dice", "f1", "iou", "precision", "recall"])";
  const auto classes = R"(["accuracy", "auc", "confusion", "dice", "f1", "iou", "precision",
      "recall", {"type": "top_k", "k": 2}])";
  const auto values = R"(["mae", "mse", "psnr", "r2"])";
  const Row kRows[] = {
      {R"({"type": "CrossEntropyLoss"})", classes, {4, 3, 2, 3}, {3, 2, 3}},
      {R"({"type": "DiceCELoss", "ignore_index": 1})", classes, {3, 3, 2, 3}, {3, 2, 3}},
      {R"({"type": "CrossEntropyLoss", "weight": [1, 0, 2]})", classes, {3}, {}},
      {R"({"type": "BCEWithLogitsLoss", "ignore_index": 2})", labels, {2, 3, 2, 3}, {2, 3, 2, 3}},
      {R"({"type": "FocalLoss", "sigmoid": true})", labels, {3}, {3}},
      {R"({"type": "MSELoss"})", values, {2, 3, 2, 3}, {2, 3, 2, 3}},
      {R"({"type": "HuberLoss"})", R"([{"type": "psnr", "data_range": 2}, "r2"])", {3}, {3}}};
  for (const Row& row : kRows) {
    CAPTURE(row.loss);
    const auto objective = objective_of(row.loss);
    const auto metrics =
        from_text(std::string("{\"metrics\": ") + row.metrics + "}", "", read_metrics);
    const Samples samples(objective->main(), row.loss, row.sample, row.target);
    const auto expected = numbers_of(measured_in(*objective, metrics, samples, kSplits.front()));
    for (const Split& split : kSplits) {
      CAPTURE(split.size());
      CAPTURE(split.front());
      CHECK(numbers_of(measured_in(*objective, metrics, samples, split)) ==
            approx(expected).within(1e-12));
    }
  }
}

TEST_CASE("a set in which nothing counts has no loss, whatever the reduction") {
  for (const char* loss :
       {R"({"type": "CrossEntropyLoss"})", R"({"type": "CrossEntropyLoss", "reduction": "sum"})",
        R"({"type": "CrossEntropyLoss", "weight": [0, 0, 0]})", R"({"type": "DiceLoss"})",
        R"({"type": "DiceLoss", "batch": true})", R"({"type": "DiceCELoss"})",
        R"({"type": "FocalLoss"})", R"([{"type": "CrossEntropyLoss"}, {"type": "DiceLoss"}])"}) {
    CAPTURE(loss);
    const auto objective = objective_of(loss);
    Evaluation evaluation(*objective, {{.type = "dice"}}, {3, 1, 1, 2});
    CHECK(std::isnan(evaluation.measured().values.front().second));
    const std::vector<float> prediction(12, 1.F);
    const float label = std::string(loss).find("weight") == std::string::npos ? -100.F : 1.F;
    const std::vector<float> target(4, label);
    const OutputValues output{{2, 3, 1, 1, 2}, prediction, {}};
    evaluation.add(std::span(&output, 1), target);
    const Measurements measured = evaluation.measured();
    CHECK(std::isnan(measured.values.front().second));
    CHECK(evaluation.is_finite());
    REQUIRE_FALSE(measured.undefined.empty());
    CHECK(measured.undefined.front().name == "loss");
    CHECK(measured.undefined.front().why ==
          "no target counts in the loss: each is ignored, or its class has weight 0");
  }
}

TEST_CASE("a loss in which nothing counts leaves the others of a sum as they are") {
  const auto both = objective_of(R"([{"type": "CrossEntropyLoss", "ignore_index": 0},
      {"type": "CrossEntropyLoss", "ignore_index": 7, "factor": 2}])");
  const auto second = objective_of(R"({"type": "CrossEntropyLoss", "ignore_index": 7})");
  const std::vector<float> prediction = {1, 2, 3, 4, 5, 6}, target = {0, 0};
  const OutputValues output{{2, 3}, prediction, {}};
  CHECK(both->evaluate(std::span(&output, 1), target) ==
        2 * second->evaluate(std::span(&output, 1), target));
}

}  // namespace lucid::test
