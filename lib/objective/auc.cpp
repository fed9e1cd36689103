#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "objective/metrics.h"

namespace lucid {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// One question with two answers: how likely `is_positive` was said to be, and what was true.
struct Answer {
  float score;
  bool is_positive;
};

// The share of (positive, negative) pairs in which the positive scores higher, ties counted half.
double area_under_curve(std::vector<Answer> answers) {
  std::ranges::sort(answers, {}, &Answer::score);
  double positives = 0, negatives = 0, pairs = 0;
  for (std::size_t first = 0; first < answers.size();) {
    double tied_positives = 0, tied_negatives = 0;
    std::size_t i = first;
    for (; i < answers.size() && answers[i].score == answers[first].score; ++i)
      (answers[i].is_positive ? tied_positives : tied_negatives) += 1;
    pairs += tied_positives * (negatives + tied_negatives / 2);
    positives += tied_positives;
    negatives += tied_negatives;
    first = i;
  }
  if (positives == 0 || negatives == 0) return kUndefined;
  return pairs / (positives * negatives);
}

// The mean over questions that have both answers in the set; one question a class, or a channel of
// binary logits. Keeps every answer (8 bytes) until reset().
class Auc : public NumberMetric {
 public:
  Auc(const MetricConfig& config, std::int64_t questions, float ignored)
      : NumberMetric(config), ignored_(ignored), answers_(static_cast<std::size_t>(questions)) {}
  bool higher_is_better() const override { return true; }
  void reset() override {
    has_nan_ = false;
    for (std::vector<Answer>& answers : answers_) answers.clear();
  }

  double value() const final {
    if (has_nan_) return kUndefined;
    double sum = 0, defined = 0;
    for (const std::vector<Answer>& answers : answers_) {
      const double area = area_under_curve(answers);
      if (std::isnan(area)) continue;
      sum += area;
      ++defined;
    }
    return defined == 0 ? kUndefined : sum / defined;
  }

 protected:
  bool is_ignored(float target) const { return target == ignored_; }
  void answer(std::size_t question, double score, bool is_positive) {
    has_nan_ = has_nan_ || std::isnan(score);
    answers_[question].push_back({static_cast<float>(score), is_positive});
  }

 private:
  float ignored_;
  std::vector<std::vector<Answer>> answers_;
  bool has_nan_ = false;
};

// log(p / (1 - p)) of the class's softmax probability p: the order of p, without its rounding to 1.
double log_odds(std::span<const float> logits, std::size_t index) {
  double largest = -std::numeric_limits<double>::infinity(), sum = 0;
  for (std::size_t c = 0; c < logits.size(); ++c)
    if (c != index) largest = std::max<double>(largest, logits[c]);
  for (std::size_t c = 0; c < logits.size(); ++c)
    if (c != index) sum += std::exp(logits[c] - largest);
  return logits[index] - largest - std::log(sum);
}

// One class against the rest. Two classes ask one question: logit 1 - logit 0.
class ClassAuc final : public Auc {
 public:
  ClassAuc(const MetricConfig& config, std::int64_t classes, float ignored)
      : Auc(config, classes == 2 ? 1 : classes, ignored) {}

  void add(const Shape& shape, std::span<const float> prediction,
           std::span<const float> target) override {
    const auto classes = static_cast<std::size_t>(shape[1]);
    const std::size_t voxels = target.size() / static_cast<std::size_t>(shape[0]);
    assert(prediction.size() == shape.count() && prediction.size() == target.size() * classes);
    std::vector<float> logits(classes);
    for (std::size_t i = 0; i < target.size(); ++i) {
      if (is_ignored(target[i])) continue;
      const std::size_t first = i / voxels * classes * voxels + i % voxels;
      for (std::size_t c = 0; c < classes; ++c) logits[c] = prediction[first + c * voxels];
      for (std::size_t c = classes == 2 ? 1 : 0; c < classes; ++c)
        answer(classes == 2 ? 0 : c, log_odds(logits, c), target[i] == static_cast<float>(c));
    }
  }
};

// A channel of logits is a question; targets above a half are positive.
class BinaryAuc final : public Auc {
 public:
  using Auc::Auc;

  void add(const Shape& shape, std::span<const float> prediction,
           std::span<const float> target) override {
    assert(prediction.size() == shape.count() && target.size() == prediction.size());
    const auto channels = static_cast<std::size_t>(shape.rank() > 1 ? shape[1] : 1);
    const std::size_t voxels = prediction.size() / (static_cast<std::size_t>(shape[0]) * channels);
    for (std::size_t i = 0; i < prediction.size(); ++i)
      if (!is_ignored(target[i])) answer(i / voxels % channels, prediction[i], target[i] > 0.5F);
  }
};

}  // namespace

std::unique_ptr<Metric> make_auc(const MetricConfig& config, const Loss& loss,
                                 const Shape& prediction) {
  const float ignored = ignored_label(loss, prediction);
  if (loss.prediction_kind() == PredictionKind::kBinaryLogits)
    return std::make_unique<BinaryAuc>(config, prediction[0], ignored);
  return std::make_unique<ClassAuc>(config, prediction[0], ignored);
}

}  // namespace lucid
