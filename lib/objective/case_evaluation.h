#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "objective/metric/metric.h"
#include "objective/objective.h"

namespace lucid {

// The loss and the metrics of cases, each a run of consecutive samples that are added one by one,
// from the numbers that an Evaluation with the same metrics has measured.
class CaseEvaluation {
 public:
  // `objective` must outlive it. `prediction` is the shape of the main output without N. Of the
  // metrics those are measured that a case has.
  CaseEvaluation(Objective& objective, const std::vector<MetricConfig>& metrics,
                 const Shape& prediction, bool have_voxels);

  const std::vector<std::string>& names() const { return names_; }  // "loss" first
  // Adds a sample to the current case: what one Evaluation::measure() appended, from the front of
  // `numbers`, which it shortens.
  void take(std::span<const double>& numbers);
  // Appends a value for each name, NaN where it is undefined, and begins the next case.
  void end_case(std::vector<double>& values);

 private:
  Measurements measured() const;

  struct Each {
    std::unique_ptr<Metric> metric;
    bool is_of_cases;  // otherwise it takes its numbers only to pass over them
  };

  Objective* objective_;
  std::vector<Each> metrics_;
  ObjectiveSums sums_;  // of the current case
  std::vector<std::string> names_;
};

// The class of a sample that has a single one, and the predicted class.
struct ClassPair {
  std::int64_t target = 0, prediction = 0;
};
// Returns nothing where the loss's targets are no classes, or a sample has several of them.
std::optional<ClassPair> classes_of(const Loss& loss, const OutputValues& sample,
                                    std::span<const float> target);

}  // namespace lucid
