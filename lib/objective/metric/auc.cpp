#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#include "data/statistics/order_keys.h"
#include "objective/metric/metrics.h"
#include "objective/metric/number_metric.h"
#include "ranks/ranks.h"

namespace lucid {
namespace {

// The area under the ROC curve: the share of (positive, negative) pairs in which the positive
// scores higher, ties counted half. Scores are added in ascending order, equal ones together.
class AreaUnderCurve {
 public:
  void add(double tied_positives, double tied_negatives) {
    pairs_ += tied_positives * (negatives_ + tied_negatives / 2);
    positives_ += tied_positives;
    negatives_ += tied_negatives;
  }
  double value() const {
    return positives_ == 0 || negatives_ == 0 ? kUndefined : pairs_ / (positives_ * negatives_);
  }

 private:
  double positives_ = 0, negatives_ = 0, pairs_ = 0;
};

// The scores and labels of one binary classification. Above kMostKept, scores are counted in bins
// of their leading bits (kBinBits), so that memory does not grow with the set: 16 MiB per instance.
class ScoreSet {
 public:
  void add(float score, bool is_positive) {
    if (bins_.empty() && kept_.size() < kMostKept) return kept_.push_back({score, is_positive});
    if (bins_.empty()) count_kept();
    count(score, is_positive);
  }

  // Adds the scores of the other ranks, which are counted in bins if they are too many together.
  void join(Ranks& ranks) {
    const double own = static_cast<double>(bins_.empty() ? kept_.size() : kMostKept + 1);
    double all = 0;
    for (const double count : ranks.gathered({&own, 1})) all += count;
    if (all > static_cast<double>(kMostKept)) return join_bins(ranks);
    std::vector<ScoredLabel> joined;
    for (const bool is_positive : {false, true})
      for (const float score : gathered_scores(ranks, is_positive))
        joined.push_back({score, is_positive});
    kept_ = std::move(joined);
  }

  double area() const {
    AreaUnderCurve area;
    for (const Bin& bin : bins_)
      area.add(static_cast<double>(bin.positives), static_cast<double>(bin.negatives));
    std::vector<ScoredLabel> sorted = kept_;
    std::ranges::sort(sorted, {}, &ScoredLabel::score);
    for (std::size_t first = 0, i = 0; first < sorted.size(); first = i) {
      double positives = 0, negatives = 0;
      for (; i < sorted.size() && sorted[i].score == sorted[first].score; ++i)
        (sorted[i].is_positive ? positives : negatives) += 1;
      area.add(positives, negatives);
    }
    return area.value();
  }

 private:
  static constexpr std::size_t kMostKept = std::size_t{1} << 20;
  static constexpr int kBinBits = 20;  // the sign, eight bits of exponent, eleven of mantissa
  struct ScoredLabel {
    float score;
    bool is_positive;
  };
  struct Bin {
    std::int64_t positives = 0, negatives = 0;
  };

  std::vector<float> gathered_scores(Ranks& ranks, bool is_positive) const {
    std::vector<float> own, all;
    for (const ScoredLabel& kept : kept_)
      if (kept.is_positive == is_positive) own.push_back(kept.score);
    for (const std::vector<std::byte>& bytes :
         ranks.gathered_bytes(std::as_bytes(std::span(own)))) {
      const std::size_t before = all.size();
      all.resize(before + bytes.size() / sizeof(float));
      if (!bytes.empty()) std::memcpy(all.data() + before, bytes.data(), bytes.size());
    }
    return all;
  }

  // Few of the bins are in use.
  void join_bins(Ranks& ranks) {
    if (bins_.empty()) count_kept();
    std::vector<double> own;
    for (std::size_t i = 0; i < bins_.size(); ++i)
      if (bins_[i].positives + bins_[i].negatives > 0)
        for (const auto number :
             {static_cast<std::int64_t>(i), bins_[i].positives, bins_[i].negatives})
          own.push_back(static_cast<double>(number));
    const std::vector<double> all = ranks.gathered(own);
    bins_.assign(bins_.size(), {});
    for (std::size_t i = 0; i < all.size(); i += 3) {
      Bin& bin = bins_[static_cast<std::size_t>(all[i])];
      bin.positives += static_cast<std::int64_t>(all[i + 1]);
      bin.negatives += static_cast<std::int64_t>(all[i + 2]);
    }
  }

  void count_kept() {
    bins_.resize(std::size_t{1} << kBinBits);
    for (const ScoredLabel& kept : kept_) count(kept.score, kept.is_positive);
    kept_ = {};
  }
  void count(float score, bool is_positive) {
    using Key = OrderKey<float>;
    const float signless_zero = score + 0.F;  // -0 equals 0
    Bin& bin = bins_[Key::of(signless_zero) >> (Key::kBits - kBinBits)];
    ++(is_positive ? bin.positives : bin.negatives);
  }

  std::vector<ScoredLabel> kept_;
  std::vector<Bin> bins_;  // empty: all scores are kept
};

// The mean AUC over the classes (one against the rest) or the channels of binary logits. Those
// whose labels are all equal are left out.
class Auc : public NumberMetric {
 public:
  Auc(const MetricConfig& config, std::int64_t curves, float ignored)
      : NumberMetric(config), ignored_(ignored), curves_(static_cast<std::size_t>(curves)) {}
  void reset() override {
    has_nan_ = has_labels_ = false;
    for (ScoreSet& curve : curves_) curve = {};
  }

  // Scores are kept by the rank that measured them.
  void take(std::span<const double>&) final {}
  void join(Ranks& ranks) final {
    if (ranks.is_alone()) return;
    has_nan_ = ranks.any(has_nan_);
    has_labels_ = ranks.any(has_labels_);
    for (ScoreSet& curve : curves_) curve.join(ranks);
  }

  double value() const final {
    if (has_nan_) return kUndefined;
    double sum = 0, defined = 0;
    for (const ScoreSet& curve : curves_) {
      const double area = curve.area();
      if (std::isnan(area)) continue;
      sum += area;
      ++defined;
    }
    return defined == 0 ? kUndefined : sum / defined;
  }
  std::string why_undefined() const final {
    if (has_nan_) return "a prediction is NaN";
    return has_labels_ ? "all labels that count are of one class" : kNoLabel;
  }

 protected:
  bool is_ignored(float target) const { return target == ignored_; }
  void add_score(std::size_t curve, double score, bool is_positive) {
    has_labels_ = true;
    has_nan_ = has_nan_ || std::isnan(score);
    curves_[curve].add(static_cast<float>(score), is_positive);
  }

 private:
  float ignored_;
  std::vector<ScoreSet> curves_;
  bool has_nan_ = false, has_labels_ = false;
};

// Returns log(p / (1 - p)) of the class's softmax probability p. It is ordered as p is, but does
// not round to 1.
double log_odds(std::span<const float> logits, std::size_t index) {
  double largest = -std::numeric_limits<double>::infinity(), sum = 0;
  for (std::size_t c = 0; c < logits.size(); ++c)
    if (c != index) largest = std::max<double>(largest, logits[c]);
  for (std::size_t c = 0; c < logits.size(); ++c)
    if (c != index) sum += std::exp(logits[c] - largest);
  return logits[index] - largest - std::log(sum);
}

// Compares each class with the rest. Two classes need one curve only: that of logit 1 - logit 0.
class ClassAuc final : public Auc {
 public:
  ClassAuc(const MetricConfig& config, std::int64_t classes, float ignored)
      : Auc(config, classes == 2 ? 1 : classes, ignored) {}

  void measure(const Shape& shape, std::span<const float> prediction, std::span<const float> target,
               std::vector<double>&) override {
    const auto classes = static_cast<std::size_t>(shape[1]);
    const std::size_t voxels = target.size() / static_cast<std::size_t>(shape[0]);
    assert(prediction.size() == shape.count() && prediction.size() == target.size() * classes);
    std::vector<float> logits(classes);
    for (std::size_t i = 0; i < target.size(); ++i) {
      if (is_ignored(target[i])) continue;
      const std::size_t first = i / voxels * classes * voxels + i % voxels;
      for (std::size_t c = 0; c < classes; ++c) logits[c] = prediction[first + c * voxels];
      for (std::size_t c = classes == 2 ? 1 : 0; c < classes; ++c)
        add_score(classes == 2 ? 0 : c, log_odds(logits, c), target[i] == static_cast<float>(c));
    }
  }
};

// Each channel has a curve of its own; targets above a half are positive.
class BinaryAuc final : public Auc {
 public:
  using Auc::Auc;

  void measure(const Shape& shape, std::span<const float> prediction, std::span<const float> target,
               std::vector<double>&) override {
    assert(prediction.size() == shape.count() && target.size() == prediction.size());
    const auto channels = static_cast<std::size_t>(shape.rank() > 1 ? shape[1] : 1);
    const std::size_t voxels = prediction.size() / (static_cast<std::size_t>(shape[0]) * channels);
    for (std::size_t i = 0; i < prediction.size(); ++i)
      if (!is_ignored(target[i])) add_score(i / voxels % channels, prediction[i], target[i] > 0.5F);
  }
};

}  // namespace

std::unique_ptr<Metric> make_auc(const MetricConfig& config, const Loss& loss,
                                 const Shape& prediction) {
  const float ignored = ignored_label(loss);
  if (loss.prediction_kind() == PredictionKind::kBinaryLogits)
    return std::make_unique<BinaryAuc>(config, prediction[0], ignored);
  return std::make_unique<ClassAuc>(config, prediction[0], ignored);
}

}  // namespace lucid
