#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "objective/metric/metric.h"
#include "objective/objective.h"

namespace lucid {

// The loss and the metrics of a whole set, gathered batch by batch. The loss is the mean over
// samples of their batches' losses.
class Evaluation {
 public:
  // `objective` must outlive it; prediction: the network's main output, without N. Throws
  // Error(kUsage) when a metric makes no sense for the main loss.
  Evaluation(Objective& objective, const std::vector<MetricConfig>& metrics,
             const Shape& prediction);

  void reset();
  void add(std::span<const OutputValues> outputs, std::span<const float> target);
  // One sample that comes in parts, as Loss::sums has them; then the sample is a batch.
  void add_part(std::span<const OutputValues> outputs, std::span<const float> target);
  void end_sample();
  Measurements measured() const;  // "loss" first

 private:
  Objective* objective_;
  std::vector<std::unique_ptr<Metric>> metrics_;
  Objective::Sums sums_;  // of the parts of a sample
  double loss_sum_ = 0;
  std::int64_t samples_ = 0;
};

}  // namespace lucid
