#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "objective/metric/metric.h"
#include "support/approx.h"
#include "support/from_text.h"
#include "support/golden.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::vector<MetricConfig> configs_of(const Json& metrics) {
  return from_json(Json{{"metrics", metrics}}, "",
                   [](JsonObject& root) { return read_metrics(root); });
}

std::unique_ptr<Metric> metric_of(const Json& metrics, const std::string& loss,
                                  const Shape& prediction) {
  return make_metric(configs_of(metrics).front(), *from_text(loss, "/loss", make_loss), prediction);
}

Measurements measure(Metric& metric, const Shape& shape, const std::vector<float>& prediction,
                     const std::vector<float>& target) {
  metric.reset();
  metric.add(shape, prediction, target);
  Measurements measured;
  metric.report(measured);
  return measured;
}

const std::string kClassLoss = R"({"type": "CrossEntropyLoss"})";
const std::string kValues = R"({"type": "MSELoss"})";

}  // namespace

TEST_CASE("metrics of classes, channels and values agree with PyTorch, each number of them") {
  const Json golden = read_golden("label_losses.json");  // outlives the loop over a part of it
  for (const Json& row : golden["metrics"]) {
    const std::string name = row["name"].get<std::string>() + ", " + json_text(row["metrics"]);
    CAPTURE(name);
    const Shape shape(row["shape"].get<std::vector<Shape::Extent>>());
    const auto metric = metric_of(row["metrics"], json_text(row["loss"]), shape.without_first());
    const Measurements measured =
        measure(*metric, shape, floats(row["prediction"]), floats(row["target"]));
    CHECK(measured.names().size() == row["values"].size());
    for (const auto& entry : row["values"].items()) {
      const std::string& key = entry.key();
      CAPTURE(key);
      REQUIRE(measured.at(key));
      CHECK(std::vector{*measured.at(key)} == approx(doubles(Json{entry.value()})).within(1e-12));
    }
  }
}

TEST_CASE("dice is over the whole set, not a mean over batches") {
  const auto metric = metric_of("dice", kClassLoss, {2, 1, 1, 2});
  // In the first batch one of two voxels of class 1 is found, in the second two of two.
  metric->add({1, 2, 1, 1, 2}, std::vector<float>{0, 1, 1, 0}, std::vector<float>{1, 1});
  metric->add({1, 2, 1, 1, 2}, std::vector<float>{0, 0, 1, 1}, std::vector<float>{1, 1});
  Measurements measured;
  metric->report(measured);
  CHECK(measured.values == NamedValues{{"dice", 6.0 / 7}});
  CHECK(measured.details == NamedValues{{"dice_0", 0.0}, {"dice_1", 6.0 / 7}});
  metric->reset();
  Measurements forgotten;
  metric->report(forgotten);
  CHECK(std::isnan(forgotten.values[0].second));
}

TEST_CASE("metrics of one logit have one number") {
  const auto metric = metric_of("precision", R"({"type": "BCEWithLogitsLoss"})", {1});
  const Measurements measured = measure(*metric, {4, 1}, {1, 2, -1, 0}, {1, 0, 1, 1});
  CHECK(measured.values == NamedValues{{"precision", 0.5}});
  CHECK(measured.details.empty());
}

TEST_CASE("answers of many voxels agree with looking at each") {
  constexpr std::size_t kVoxels = 11 * 12 * 13, kCount = 3;
  std::vector<float> prediction(2 * kCount * kVoxels), target(2 * kVoxels);
  Rng rng(5, "answers");
  for (float& value : prediction) value = static_cast<float>(rng.below(5));  // many ties
  for (float& label : target) label = rng.below(6) == 0 ? -100.F : static_cast<float>(rng.below(3));
  std::vector<std::vector<std::int64_t>> table(kCount, std::vector<std::int64_t>(kCount));
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] < 0) continue;
    std::size_t best = 0;
    const auto logit = [&](std::size_t c) {
      return prediction[(i / kVoxels * kCount + c) * kVoxels + i % kVoxels];
    };
    for (std::size_t c = 1; c < kCount; ++c) best = logit(c) > logit(best) ? c : best;
    ++table[static_cast<std::size_t>(target[i])][best];
  }
  const Shape shape{2, 3, 11, 12, 13};
  const auto confusion = metric_of("confusion", kClassLoss, shape.without_first());
  const Measurements measured = measure(*confusion, shape, prediction, target);
  CHECK(measured.names().empty());
  REQUIRE(measured.tables.size() == 1);
  CHECK(measured.tables[0].first == "confusion");
  CHECK(measured.tables[0].second == table);

  const auto recall = metric_of("recall", kClassLoss, shape.without_first());
  const Measurements rates = measure(*recall, shape, prediction, target);
  for (std::size_t c = 0; c < kCount; ++c)
    CHECK(rates.details[c].second ==
          static_cast<double>(table[c][c]) /
              static_cast<double>(table[c][0] + table[c][1] + table[c][2]));
  const auto top_1 = metric_of({{"type", "top_k"}, {"k", 1}}, kClassLoss, shape.without_first());
  const auto accuracy = metric_of("accuracy", kClassLoss, shape.without_first());
  CHECK(measure(*top_1, shape, prediction, target).at("top_1") ==
        measure(*accuracy, shape, prediction, target).at("accuracy"));
}

TEST_CASE("the confusion matrix has a row for what is there, a column for what was predicted") {
  const auto classes = metric_of("confusion", kClassLoss, {3});
  CHECK(measure(*classes, {3, 3}, {1, 0, 0, 0, 0, 1, 0, 1, 0}, {1, 1, 1}).tables[0].second ==
        CountTable{{0, 0, 0}, {1, 1, 1}, {0, 0, 0}});
  const auto binary = metric_of("confusion", R"({"type": "DiceLoss", "sigmoid": true})", {1});
  CHECK(measure(*binary, {5, 1}, {1, 2, -1, 0, 3}, {1, 0, 1, 0, -100}).tables[0].second ==
        CountTable{{1, 1}, {1, 1}});
}

TEST_CASE("accuracy and auc leave ignored elements of channels out") {
  const std::string loss = R"({"type": "BCEWithLogitsLoss", "ignore_index": 2})";
  const std::vector<float> prediction = {3, 1, 0, 9}, target = {1, 1, 0, 2};
  CHECK(measure(*metric_of("accuracy", loss, {1}), {4, 1}, prediction, target).at("accuracy") == 1);
  CHECK(measure(*metric_of("auc", loss, {1}), {4, 1}, prediction, target).at("auc") == 1);
}

TEST_CASE("r2 of a constant is undefined, of a perfect answer 1") {
  const auto r2 = metric_of("r2", kValues, {2});
  const Measurements measured = measure(*r2, {2, 2}, {1, 5, 2, 5}, {1, 5, 2, 5});
  CHECK(measured.at("r2") == 1);
  CHECK(measured.at("r2_0") == 1);
  CHECK(std::isnan(*measured.at("r2_1")));
  CHECK(MetricConfig{"r2"}.higher_is_better());
  CHECK(MetricConfig{"psnr"}.higher_is_better());
}

TEST_CASE("psnr by hand, and forgotten on reset") {
  const auto psnr = metric_of("psnr", kValues, {1});
  CHECK(measure(*psnr, {2, 1}, {9, 1}, {10, 0}).at("psnr") == 20);
  CHECK(std::vector{*measure(*psnr, {2, 1}, {0, 0.1F}, {0.1F, 0}).at("psnr")} ==
        approx({0.0}).within(0, 1e-6));
}

TEST_CASE("mistakes in metrics are told where they stand") {
  struct Row {
    const char *metrics, *error;
  };
  const Row kRows[] = {
      {R"(["dice", {"type": "top_k", "k": 0}])",
       "2: a.json: /metrics/1/k: expected an integer from 1 to 16777216, found 0"},
      {R"({"type": "psnr", "data_range": 0})",
       "2: a.json: /metrics/data_range: expected a number > 0, found 0"},
      {R"([{"type": "dice", "k": 3}])", "2: a.json: /metrics/0/k: unknown key; known: type"},
      {R"([{"k": 3}])", "2: a.json: /metrics/0: expected the key 'type' (a string), found none"},
      {R"(["dice", 3])",
       "2: a.json: /metrics/1: expected the name of a metric, or an object, found 3"},
      {R"(["top_k", "dise", {"type": "top_k", "k": 5}])",
       "2: a.json: /metrics/1: no metric 'dise'; did you mean 'dice'? known: accuracy, auc, "
       "confusion, dice, f1, iou, mae, mse, precision, psnr, r2, recall, top_k\n"
       "a.json: /metrics/2: duplicate metric 'top_5'; remove one of the two"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.metrics);
    CHECK(error_of([&] { configs_of(parse_json(row.metrics, "a.json")); }) == row.error);
  }
  CHECK(configs_of("dice").size() == 1);
  CHECK(configs_of(Json()).empty());
}

TEST_CASE("a metric that does not fit the predictions is refused") {
  struct Row {
    const char *metric, *loss, *error;
  };
  const Row kRows[] = {
      {"r2", R"({"type": "DiceLoss"})",
       "2: metric 'r2': expected a loss over values, such as MSELoss, found DiceLoss"},
      {"iou", R"({"type": "HuberLoss"})",
       "2: metric 'iou': expected a loss over labels, such as CrossEntropyLoss, found HuberLoss"},
      {"top_k", R"({"type": "FocalLoss", "sigmoid": true})",
       "2: metric 'top_5': expected a loss over classes, such as CrossEntropyLoss, found "
       "FocalLoss"},
      {"top_k", R"({"type": "FocalLoss"})",
       "2: metric 'top_5': expected k below the number of classes, 3, found 5"},
      {"confusion", R"({"type": "BCEWithLogitsLoss"})",
       "2: metric 'confusion': expected classes, or a single binary channel, found 3 channels"},
  };
  for (const Row& row : kRows)
    CHECK(error_of([&] { metric_of(row.metric, row.loss, {3}); }) == row.error);
}
