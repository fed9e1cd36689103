#pragma once

#include "objective/metric/metric.h"
#include "objective/prediction/voxel_block.h"

namespace lucid {

// How often a class, or a yes of a channel, was predicted, was true, and was both.
struct AnswerCounts {
  std::int64_t predicted = 0, there = 0, both = 0;
  AnswerCounts& operator+=(const AnswerCounts& other);
};

// Counts predictions against labels: a count for each class where the loss takes classes, for each
// channel where it takes yes and no. Ignored labels are not counted.
class AnswerCounter {
 public:
  AnswerCounter(const Loss& loss, const Shape& prediction);

  void reset();
  void add(const Shape& shape, std::span<const float> prediction, std::span<const float> target);
  bool counts_classes() const { return counts_classes_; }
  std::span<const AnswerCounts> counts() const { return counts_; }

 private:
  std::vector<AnswerCounts> counts_;
  std::vector<AnswerCounts> parts_;  // of the blocks of a batch
  bool counts_classes_;
  float ignored_;
};

}  // namespace lucid
