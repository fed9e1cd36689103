#include <algorithm>
#include <cassert>

#include "base/text.h"
#include "objective/metric/metrics.h"
#include "objective/metric/number_metric.h"
#include "objective/prediction/voxel_block.h"
#include "ranks/ranks.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

// The confusion matrix: rows are labels, columns are predicted classes. Of equal logits the first
// counts.
class Confusion final : public Metric {
 public:
  Confusion(std::size_t classes, float ignored)
      : counts_(classes, std::vector<std::int64_t>(classes)), ignored_(ignored) {}
  void reset() override {
    for (auto& row : counts_) std::ranges::fill(row, 0);
  }

  void measure(const Shape& shape, std::span<const float> prediction, std::span<const float> target,
               std::vector<double>&) override {
    assert(prediction.size() == shape.count());
    predicted_.resize(target.size());
    const VoxelGrid grid{.prediction = prediction.data(),
                         .target = target.data(),
                         .gradient = nullptr,
                         .samples = shape[0],
                         .classes = shape[1],
                         .voxels = shape.elements() / (shape[0] * shape[1])};
    parallel_for(grid.blocks(), [&](std::int64_t i) { look_at(grid.block(i), grid); });
    for (std::size_t i = 0; i < target.size(); ++i)
      if (target[i] != ignored_)
        ++counts_[label_of(target[i])][static_cast<std::size_t>(predicted_[i])];
  }

  // The table stays with the rank that counted, as it may be large.
  void take(std::span<const double>&) override {}
  void join(Ranks& ranks) override {
    if (ranks.is_alone()) return;
    std::vector<double> own;
    for (const auto& row : counts_) own.insert(own.end(), row.begin(), row.end());
    const std::vector<double> all = ranks.gathered(own);
    reset();
    const std::size_t classes = counts_.size();
    for (std::size_t i = 0; i < all.size(); ++i)
      counts_[i / classes % classes][i % classes] += static_cast<std::int64_t>(all[i]);
  }

  void report(Measurements& measurements) const override {
    measurements.tables.emplace_back("confusion", counts_);
  }

 private:
  void look_at(const VoxelBlock& block, const VoxelGrid& grid) {
    PerVoxel predicted;
    if (block.classes > 1)
      find_argmax(block, predicted);
    else  // a single logit predicts 1 above 0
      for (std::size_t v = 0; v < static_cast<std::size_t>(block.voxels); ++v)
        predicted[v] = block.prediction[v] > 0 ? 1.F : 0.F;
    std::copy_n(predicted.begin(), block.voxels, predicted_.begin() + (block.target - grid.target));
  }
  std::size_t label_of(float target) const {
    return static_cast<std::size_t>(counts_.size() == 2 && target > 0.5F ? 1.F : target);
  }

  CountTable counts_;
  std::vector<float> predicted_;
  float ignored_;
};

// The share of labels that are among the k largest logits. Equal logits rank in the order of
// classes.
class TopK final : public NumberMetric {
 public:
  TopK(const MetricConfig& config, float ignored)
      : NumberMetric(config), k_(config.k), ignored_(ignored) {}
  void reset() override { right_ = all_ = 0; }

  void measure(const Shape& shape, std::span<const float> prediction, std::span<const float> target,
               std::vector<double>& numbers) override {
    assert(prediction.size() == shape.count());
    const std::int64_t classes = shape[1], voxels = shape.elements() / (shape[0] * classes);
    const auto sum = [&](const auto& value) {
      return parallel_sum(static_cast<std::int64_t>(target.size()), kVoxelsABlock,
                          [&](std::int64_t begin, std::int64_t end) {
                            std::int64_t count = 0;
                            for (std::int64_t i = begin; i < end; ++i)
                              count += value(i, target[static_cast<std::size_t>(i)]) ? 1 : 0;
                            return static_cast<double>(count);
                          });
    };
    numbers.push_back(sum([&](std::int64_t, float label) { return label != ignored_; }));
    numbers.push_back(sum([&](std::int64_t i, float label) {
      const float* logits = prediction.data() + i / voxels * classes * voxels + i % voxels;
      return label != ignored_ &&
             rank_of(static_cast<std::int64_t>(label), logits, classes, voxels) < k_;
    }));
  }

  void take(std::span<const double>& numbers) override {
    const auto counts = taken(numbers, 2);
    all_ += counts[0];
    right_ += counts[1];
  }

 private:
  double value() const override { return all_ == 0 ? kUndefined : right_ / all_; }
  std::string why_undefined() const override { return kNoLabel; }
  static std::int64_t rank_of(std::int64_t label, const float* logits, std::int64_t classes,
                              std::int64_t stride) {
    const float logit = logits[label * stride];
    std::int64_t rank = 0;
    for (std::int64_t c = 0; c < classes; ++c)
      rank += logits[c * stride] > logit || (c < label && logits[c * stride] == logit) ? 1 : 0;
    return rank;
  }

  std::int64_t k_;
  float ignored_;
  double right_ = 0, all_ = 0;
};

}  // namespace

std::unique_ptr<Metric> make_confusion(const MetricConfig&, const Loss& loss,
                                       const Shape& prediction) {
  const bool is_binary = loss.prediction_kind() == PredictionKind::kBinaryLogits;
  if (is_binary && prediction[0] > 1)
    throw Error(ExitCode::kUsage,
                "metric 'confusion': expected classes, or a single binary channel, found " +
                    std::to_string(prediction[0]) + " channels");
  return std::make_unique<Confusion>(is_binary ? 2 : static_cast<std::size_t>(prediction[0]),
                                     ignored_label(loss));
}

std::unique_ptr<Metric> make_top_k(const MetricConfig& config, const Loss& loss,
                                   const Shape& prediction) {
  if (config.k >= prediction[0])
    throw Error(ExitCode::kUsage, "metric " + in_quotes(config.name()) +
                                      ": expected k below the number of classes, " +
                                      std::to_string(prediction[0]) + ", found " +
                                      std::to_string(config.k));
  return std::make_unique<TopK>(config, ignored_label(loss));
}

}  // namespace lucid
