#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "objective/metric/metric.h"
#include "objective/objective.h"

namespace lucid {

// The loss and the metrics of cases, each a run of consecutive samples that are added one by one.
// They do not depend on batches.
class CaseEvaluation {
 public:
  // `objective` must outlive it. `prediction` is the shape of the main output without N. Of the
  // metrics those are measured that a case has.
  CaseEvaluation(Objective& objective, const std::vector<MetricConfig>& metrics,
                 const Shape& prediction, bool have_voxels);

  const std::vector<std::string>& names() const { return names_; }  // "loss" first
  // Adds a sample to the current case and returns the sums of its losses, which are valid until
  // the next call.
  const ObjectiveSums& add(std::span<const OutputValues> outputs, std::span<const float> target);
  // Appends a value for each name, NaN where it is undefined, and begins the next case.
  void end_case(std::vector<double>& values);

 private:
  Measurements measured() const;

  Objective* objective_;
  std::vector<std::unique_ptr<Metric>> metrics_;
  ObjectiveSums sums_, sample_;  // of the current case; of the sample added last
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
