#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "objective/metric/metric.h"
#include "objective/objective.h"

namespace lucid {

// The loss and the metrics of a whole set, accumulated batch by batch. They do not depend on how
// the set is divided into batches.
class Evaluation {
 public:
  // `objective` must outlive it. `prediction` is the shape of the main output without N. Throws
  // Error(kUsage) when a metric makes no sense for the main loss.
  Evaluation(Objective& objective, const std::vector<MetricConfig>& metrics,
             const Shape& prediction);

  void reset();
  void add(std::span<const OutputValues> outputs, std::span<const float> target);
  // The same where the sums of the batch's losses are known.
  void add(std::span<const OutputValues> outputs, std::span<const float> target,
           const ObjectiveSums& sums);
  // Adds a sample in parts, which must be followed by end_sample().
  void add_part(std::span<const OutputValues> outputs, std::span<const float> target);
  void end_sample();
  Measurements measured() const;  // "loss" first
  // False if a prediction or a target that counts in the loss was not finite.
  bool is_finite() const { return sums_.is_finite(); }

 private:
  Objective* objective_;
  std::vector<std::unique_ptr<Metric>> metrics_;
  ObjectiveSums parts_, sums_;  // over the parts of the current sample; over the samples before
  ObjectiveSums batch_;         // of the batch added last
};

}  // namespace lucid
