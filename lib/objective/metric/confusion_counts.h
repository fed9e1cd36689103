#pragma once
// Private to this room.

#include "objective/metric/metric.h"
#include "objective/prediction/voxel_block.h"

namespace lucid {

// Counts the voxels where a class, or a positive of a channel, was predicted, was the label, and
// was both.
struct ConfusionCounts {
  std::int64_t predicted = 0, actual = 0, true_positives = 0;
  ConfusionCounts& operator+=(const ConfusionCounts& other);
};

// Compares predictions with labels, for each class if the loss takes classes, else for each
// channel. Ignored labels are not counted.
class ConfusionCounter {
 public:
  ConfusionCounter(const Loss& loss, const Shape& prediction);

  void reset();
  // Metric::measure() and Metric::take().
  void measure(const Shape& shape, std::span<const float> prediction, std::span<const float> target,
               std::vector<double>& numbers);
  void take(std::span<const double>& numbers);
  bool counts_classes() const { return counts_classes_; }
  std::span<const ConfusionCounts> counts() const { return counts_; }

 private:
  std::vector<ConfusionCounts> counts_;
  std::vector<ConfusionCounts> parts_;  // one set of counts per block of a batch
  std::vector<ConfusionCounts> sums_;   // of the batch
  bool counts_classes_;
  float ignored_;
};

}  // namespace lucid
