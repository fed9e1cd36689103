#include "objective/metric/confusion_counts.h"

#include <algorithm>
#include <cassert>

#include "objective/metric/number_metric.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

// `is_predicted` and `is_actual` take the index of a voxel. They must not branch, so that the loop
// is vectorized.
template <class Predicted, class Actual>
ConfusionCounts count(std::int64_t voxels, const Predicted& is_predicted, const Actual& is_actual) {
  std::int32_t predicted = 0, actual = 0, true_positives = 0;
  for (std::size_t v = 0; v < static_cast<std::size_t>(voxels); ++v) {
    const std::int32_t p = is_predicted(v) ? 1 : 0, a = is_actual(v) ? 1 : 0;
    predicted += p;
    actual += a;
    true_positives += p & a;
  }
  return {.predicted = predicted, .actual = actual, .true_positives = true_positives};
}

void count_classes(const VoxelBlock& block, float ignored, std::span<ConfusionCounts> counts) {
  PerVoxel predicted, label;
  find_argmax(block, predicted);
  for (std::size_t v = 0; v < static_cast<std::size_t>(block.voxels); ++v) {
    const bool is_ignored = block.target[v] == ignored;
    predicted[v] = is_ignored ? -1.F : predicted[v];
    label[v] = is_ignored ? -1.F : block.target[v];
  }
  for (std::size_t c = 0; c < counts.size(); ++c) {
    const auto number = static_cast<float>(c);
    counts[c] = count(
        block.voxels, [&](std::size_t v) { return predicted[v] == number; },
        [&](std::size_t v) { return label[v] == number; });
  }
}

// A logit above 0 predicts 1; a target above a half is 1.
ConfusionCounts count_channel(const VoxelBlock& block, float ignored) {
  const auto counts = [&](std::size_t v) { return block.target[v] != ignored; };
  return count(
      block.voxels, [&](std::size_t v) { return counts(v) & (block.prediction[v] > 0); },
      [&](std::size_t v) { return counts(v) & (block.target[v] > 0.5F); });
}

}  // namespace

ConfusionCounts& ConfusionCounts::operator+=(const ConfusionCounts& other) {
  predicted += other.predicted;
  actual += other.actual;
  true_positives += other.true_positives;
  return *this;
}

ConfusionCounter::ConfusionCounter(const Loss& loss, const Shape& prediction)
    : counts_(static_cast<std::size_t>(prediction[0])),
      counts_classes_(loss.prediction_kind() == PredictionKind::kClassLogits),
      ignored_(ignored_label(loss)) {}

void ConfusionCounter::reset() { std::ranges::fill(counts_, ConfusionCounts{}); }

void ConfusionCounter::measure(const Shape& shape, std::span<const float> prediction,
                               std::span<const float> target, std::vector<double>& numbers) {
  const std::int64_t channels = shape[1];
  const VoxelGrid grid{.prediction = prediction.data(),
                       .target = target.data(),
                       .gradient = nullptr,
                       .samples = counts_classes_ ? shape[0] : shape[0] * channels,
                       .classes = counts_classes_ ? channels : 1,
                       .voxels = shape.elements() / (shape[0] * channels)};
  assert(prediction.size() == shape.count());
  assert(target.size() == static_cast<std::size_t>(grid.samples * grid.voxels));
  const auto classes = static_cast<std::size_t>(grid.classes);
  parts_.assign(static_cast<std::size_t>(grid.blocks()) * classes, {});
  parallel_for(grid.blocks(), [&](std::int64_t i) {
    const auto part = std::span(parts_).subspan(static_cast<std::size_t>(i) * classes, classes);
    if (counts_classes_)
      count_classes(grid.block(i), ignored_, part);
    else
      part[0] = count_channel(grid.block(i), ignored_);
  });
  const auto blocks = static_cast<std::size_t>(grid.blocks_a_sample());
  sums_.assign(counts_.size(), {});
  for (std::size_t i = 0; i < parts_.size(); ++i)
    sums_[counts_classes_ ? i % classes : i / blocks % sums_.size()] += parts_[i];
  for (const ConfusionCounts& sum : sums_)
    for (const std::int64_t count : {sum.predicted, sum.actual, sum.true_positives})
      numbers.push_back(static_cast<double>(count));
}

void ConfusionCounter::take(std::span<const double>& numbers) {
  for (ConfusionCounts& counts : counts_) {
    const auto of_batch = taken(numbers, 3);
    const auto count = [&](std::size_t i) { return static_cast<std::int64_t>(of_batch[i]); };
    counts += {.predicted = count(0), .actual = count(1), .true_positives = count(2)};
  }
}

}  // namespace lucid
