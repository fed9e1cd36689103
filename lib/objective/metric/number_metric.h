#pragma once
// Private to this room.

#include <string>

#include "objective/metric/metric.h"

namespace lucid {

// Base of the metrics that report a single number.
class NumberMetric : public Metric {
 public:
  explicit NumberMetric(const MetricConfig& config) : name_(config.name()) {}
  void report(Measurements& measurements) const final {
    measurements.values.emplace_back(name_, value());
  }

 private:
  virtual double value() const = 0;
  std::string name_;
};

// Returns the loss's ignore_index, or NaN, which equals no label, if it has none.
float ignored_label(const Loss& loss);

}  // namespace lucid
