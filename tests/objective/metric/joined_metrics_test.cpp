#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/rng.h"
#include "objective/evaluation.h"
#include "ranks/local_ranks.h"
#include "support/from_text.h"
#include "tensor/engine.h"

// Ranks that measure parts of a set have the bits of one that measures all of it.
namespace lucid::test {
namespace {

struct Set {
  const char *loss, *metrics;
  Shape sample, target;  // without N
  std::size_t samples;
  std::size_t nan_at = SIZE_MAX;  // the sample with a prediction that is NaN
};

const std::vector<std::string> kOutputs = {"out"};

std::string text_of(const Measurements& measured) {
  std::string text;
  for (const NamedValues* list : {&measured.values, &measured.details})
    for (const auto& [name, value] : *list)
      text += name + " " +
              std::to_string(std::isnan(value) ? 0 : std::bit_cast<std::uint64_t>(value)) + "\n";
  for (const auto& [name, table] : measured.tables)
    for (const auto& row : table)
      for (const std::int64_t count : row) text += name + " " + std::to_string(count) + "\n";
  for (const Measurements::Undefined& undefined : measured.undefined)
    text += undefined.name + ": " + undefined.why + "\n";
  return text;
}

// Measures the samples of this rank, and takes those of all.
std::string measured_by(Ranks& ranks, const Set& set) {
  const auto objective = from_text(std::string("{\"loss\": ") + set.loss + "}", "",
                                   [](JsonObject& root) { return read_objective(root, kOutputs); });
  const auto metrics =
      from_text(std::string("{\"metrics\": ") + set.metrics + "}", "", read_metrics);
  Evaluation evaluation(*objective, metrics, set.sample);
  const bool has_values = objective->main().prediction_kind() == PredictionKind::kValues;
  const auto [first, end] = ranks.share(set.samples);
  std::vector<double> numbers;
  for (std::size_t i = first; i < end; ++i) {
    Rng rng(1, "sample/" + std::to_string(i));
    std::vector<float> prediction(set.sample.count()), target(set.target.count());
    for (float& value : prediction) value = static_cast<float>(rng.normal());
    for (float& value : target)
      value = has_values ? static_cast<float>(rng.normal()) : static_cast<float>(rng.below(2));
    if (i == set.nan_at) prediction[0] = std::numeric_limits<float>::quiet_NaN();
    const OutputValues output{set.sample.with_batch(1), prediction, {}};
    evaluation.measure(std::span(&output, 1), target, numbers);
  }
  const std::vector<double> all = ranks.gathered(numbers);
  for (std::span<const double> left = all; !left.empty();) evaluation.take(left);
  evaluation.join(ranks);
  return text_of(evaluation.measured());
}

// All is computed in the ranks, with one thread: those of this process are not theirs.
void compare(const Set& set, int count) {
  const auto work = [&](Ranks& ranks) {
    const Engine engine(1);
    const std::string expected = measured_by(alone(), set), found = measured_by(ranks, set);
    if (found != expected || !expected.starts_with("loss"))
      throw Error(ExitCode::kFailed, found + "instead of\n" + expected);
    return 0;
  };
  CHECK(run_local_ranks(count, work, [] { return 0; }) == 0);
}

const auto kOfClasses = R"(["accuracy", "auc", "confusion", "dice", "f1", "iou", "precision",
    "recall", {"type": "top_k", "k": 2}])";
const auto kOfChannels = R"(["accuracy", "auc", "dice", "iou"])";
const auto kOfValues = R"(["mae", "mse", "psnr", "r2"])";

}  // namespace

TEST_CASE("ranks that measure parts of a set have the same losses and metrics, to the bit") {
  const Set kSets[] = {
      {R"({"type": "DiceCELoss", "ignore_index": 1})", kOfClasses, {3, 5, 7, 9}, {5, 7, 9}, 7},
      {R"({"type": "CrossEntropyLoss"})", kOfClasses, {4}, {}, 30},
      {R"({"type": "BCEWithLogitsLoss"})", kOfChannels, {2, 5, 7, 9}, {2, 5, 7, 9}, 5},
      {R"({"type": "BCEWithLogitsLoss", "ignore_index": 0})", kOfChannels, {3}, {3}, 9},
      {R"({"type": "MSELoss"})", kOfValues, {2, 5, 7, 9}, {2, 5, 7, 9}, 6},
      {R"({"type": "MSELoss"})", kOfValues, {3}, {3}, 11},
      {R"({"type": "L1Loss"})", kOfValues, {1}, {1}, 1}};
  for (const Set& set : kSets) {
    CAPTURE(set.loss);
    CAPTURE(set.sample.str());
    for (const int count : {2, 3, 8}) compare(set, count);
  }
}

TEST_CASE("ranks agree on why a value is undefined") {
  compare({R"({"type": "CrossEntropyLoss"})", R"(["auc"])", {3}, {}, 9, 5}, 3);
  compare({R"({"type": "MSELoss"})", R"(["r2", "mae"])", {1}, {1}, 4, 3}, 2);
  compare({R"({"type": "CrossEntropyLoss", "ignore_index": 0})", R"(["auc"])", {2}, {}, 5}, 2);
}

TEST_CASE("ranks count scores in bins that are too many together, or of one of them") {
  const Shape whole{1, 64, 100, 100};  // 640,000 scores a sample; up to 1,048,576 are kept
  const Set two{R"({"type": "BCEWithLogitsLoss"})", R"(["auc"])", whole, whole, 2};
  compare(two, 2);
  compare({two.loss, two.metrics, whole, whole, 3}, 2);
}

}  // namespace lucid::test
