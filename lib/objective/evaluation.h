#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "objective/metric/metric.h"
#include "objective/objective.h"

namespace lucid {

// The loss and the metrics of a whole set, accumulated batch by batch. They do not depend on how
// the set is divided into batches. Ranks that measure some of the batches each tell the others what
// these add, as numbers, and take those of all batches in the order of the set.
class Evaluation {
 public:
  // `objective` must outlive it. `prediction` is the shape of the main output without N. Throws
  // Error(kUsage) when a metric makes no sense for the main loss.
  Evaluation(Objective& objective, const std::vector<MetricConfig>& metrics,
             const Shape& prediction);

  void reset();
  // Appends what a batch adds: ObjectiveSums::append_to() and Metric::measure() of each metric.
  void measure(std::span<const OutputValues> outputs, std::span<const float> target,
               std::vector<double>& numbers);
  // Adds what one measure() appended, from the front of `numbers`, which it shortens.
  void take(std::span<const double>& numbers);
  void join(Ranks& ranks);  // Metric::join() of each
  // Does the first two, for a process by itself.
  void add(std::span<const OutputValues> outputs, std::span<const float> target);
  // Adds a sample in parts, as Objective::sums_of_part() takes them, which must be followed by
  // end_sample().
  void add_part(std::span<const OutputValues> outputs,
                std::span<const std::span<const float>> targets);
  void end_sample();
  Measurements measured() const;  // "loss" first
  // False if a prediction or a target that counts in the loss was not finite.
  bool is_finite() const { return sums_.is_finite(); }

 private:
  Objective* objective_;
  std::vector<std::unique_ptr<Metric>> metrics_;
  ObjectiveSums parts_, sums_;  // over the parts of the current sample; over the samples before
  ObjectiveSums batch_;         // of the batch measured last
};

}  // namespace lucid
