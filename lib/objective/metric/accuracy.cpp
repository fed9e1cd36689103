#include <algorithm>
#include <cassert>

#include "objective/metric/metrics.h"
#include "objective/metric/number_metric.h"
#include "objective/prediction/voxel_block.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

// The share of samples or voxels that are predicted correctly. The class is the argmax of axis 1;
// binary logits predict 1 above 0, and binary targets are 1 above a half.
class Accuracy final : public NumberMetric {
 public:
  Accuracy(const MetricConfig& config, PredictionKind kind, float ignored)
      : NumberMetric(config),
        is_binary_(kind == PredictionKind::kBinaryLogits),
        ignored_(ignored) {}
  void reset() override { hits_ = {}; }

  void measure(const Shape& shape, std::span<const float> prediction, std::span<const float> target,
               std::vector<double>& numbers) override {
    const std::int64_t channels = shape[1];
    const VoxelGrid grid{.prediction = prediction.data(),
                         .target = target.data(),
                         .gradient = nullptr,
                         .samples = is_binary_ ? shape[0] * channels : shape[0],
                         .classes = is_binary_ ? 1 : channels,
                         .voxels = shape.elements() / (shape[0] * channels)};
    assert(prediction.size() == shape.count());
    assert(target.size() == static_cast<std::size_t>(grid.samples * grid.voxels));
    std::vector<Hits> parts(static_cast<std::size_t>(grid.blocks()));
    parallel_for(grid.blocks(), [&](std::int64_t i) {
      parts[static_cast<std::size_t>(i)] = look_at(grid.block(i));
    });
    Hits all;
    for (const Hits& part : parts) {
      all.right += part.right;
      all.all += part.all;
    }
    numbers.push_back(static_cast<double>(all.right));
    numbers.push_back(static_cast<double>(all.all));
  }

  void take(std::span<const double>& numbers) override {
    const auto hits = taken(numbers, 2);
    hits_.right += static_cast<std::int64_t>(hits[0]);
    hits_.all += static_cast<std::int64_t>(hits[1]);
  }

 private:
  struct Hits {
    std::int64_t right = 0, all = 0;
  };

  double value() const override {
    if (hits_.all == 0) return kUndefined;
    return static_cast<double>(hits_.right) / static_cast<double>(hits_.all);
  }
  std::string why_undefined() const override { return kNoLabel; }

  Hits look_at(const VoxelBlock& block) const {
    PerVoxel predicted, label;
    const auto voxels = static_cast<std::size_t>(block.voxels);
    std::copy_n(block.target, voxels, label.begin());
    if (is_binary_) {
      for (std::size_t v = 0; v < voxels; ++v) {
        predicted[v] = block.prediction[v] > 0 ? 1.F : 0.F;
        label[v] = block.target[v] > 0.5F ? 1.F : 0.F;
      }
    } else {
      find_argmax(block, predicted);
    }
    std::int32_t right = 0, all = 0;  // no branches: they would often be mispredicted
    for (std::size_t v = 0; v < voxels; ++v) {
      const int counts = block.target[v] == ignored_ ? 0 : 1;
      all += counts;
      right += counts & (predicted[v] == label[v] ? 1 : 0);
    }
    return {.right = right, .all = all};
  }

  bool is_binary_;
  float ignored_;
  Hits hits_;
};

}  // namespace

std::unique_ptr<Metric> make_accuracy(const MetricConfig& config, const Loss& loss, const Shape&) {
  return std::make_unique<Accuracy>(config, loss.prediction_kind(), ignored_label(loss));
}

}  // namespace lucid
