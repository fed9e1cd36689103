#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "objective/metric/metric_values.h"
#include "support/approx.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Returns the share of all (positive, negative) pairs in the right order, with ties counted half.
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

}  // namespace

TEST_CASE("auc by hand, ties half") {
  // Positives 3 and 1, negatives 1 and 0: of four pairs three are right and one is tied.
  CHECK(metric_value("auc", "BCEWithLogitsLoss", {4, 1}, {3, 1, 1, 0}, {1, 1, 0, 0}) == 3.5 / 4);
  CHECK(metric_value("auc", "CrossEntropyLoss", {4, 2}, {0, 3, 0, 1, 4, 5, 2, 2}, {1, 1, 0, 0}) ==
        3.5 / 4);
}

TEST_CASE("auc of classes is the mean over one class against the rest") {
  constexpr std::size_t kCount = 60, kClasses = 4;
  const std::vector<float> logits = rounded_values(kCount * kClasses, Rng(2, "logits"));
  const std::vector<float> labels = random_classes(kCount, kClasses, Rng(2, "labels"));
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
  const double found = metric_value("auc", "CrossEntropyLoss", {kCount, kClasses}, logits, labels);
  CHECK(std::vector{found} == approx({sum / kClasses}).within(1e-12));
}

TEST_CASE("auc of binary channels is the mean over channels, voxels being samples") {
  constexpr std::size_t kVoxels = 12;
  const std::vector<float> logits = rounded_values(2 * 3 * kVoxels, Rng(3, "logits"));
  const std::vector<float> labels = random_classes(logits.size(), 2, Rng(3, "labels"));
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
  const double found = metric_value("auc", "BCEWithLogitsLoss", {2, 3, 1, 3, 4}, logits, labels);
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
  const double found = metric_value("auc", "BCEWithLogitsLoss", {samples, 1}, scores, labels);
  CHECK(std::vector{found} == approx({exact}).within(1e-6));
  CHECK(found != exact);
}

TEST_CASE("auc leaves ignored labels and classes that do not occur out") {
  const std::vector<float> logits = {0, 3, -9, 0, 1, -9, 4, 5, -9, 2, 2, -9, 9, 0, 9};
  const double found = metric_value("auc", "CrossEntropyLoss", {5, 3}, logits, {1, 1, 0, 0, -100});
  CHECK(std::vector{found} == approx({3.5 / 4}).within(1e-12));
}

TEST_CASE("auc tells logits apart whose probability rounds to 1") {
  CHECK(metric_value("auc", "CrossEntropyLoss", {2, 3}, {99, 0, 0, 0, 0, 0}, {0, 1}) == 1);
  CHECK(metric_value("auc", "CrossEntropyLoss", {2, 2}, {0, 200, 0, 100}, {1, 0}) == 1);
}
