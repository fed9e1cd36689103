#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "objective/metric/metric.h"
#include "objective/objective.h"

namespace lucid {

// The loss and the metrics of a whole set, accumulated batch by batch. The loss is the mean of the
// batches' losses, weighted by their sizes.
class Evaluation {
 public:
  // `objective` must outlive it. `prediction` is the shape of the main output without N. Throws
  // Error(kUsage) when a metric makes no sense for the main loss.
  Evaluation(Objective& objective, const std::vector<MetricConfig>& metrics,
             const Shape& prediction);

  void reset();
  void add(std::span<const OutputValues> outputs, std::span<const float> target);
  // Adds a sample in parts, which must be followed by end_sample(). The sample counts as a batch.
  void add_part(std::span<const OutputValues> outputs, std::span<const float> target);
  void end_sample();
  Measurements measured() const;  // "loss" first

 private:
  Objective* objective_;
  std::vector<std::unique_ptr<Metric>> metrics_;
  Objective::Sums sums_;  // over the parts of the current sample
  double loss_sum_ = 0;
  std::int64_t samples_ = 0;
};

}  // namespace lucid
