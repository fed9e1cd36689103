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
    measurements.add_value(name_, value(), why_undefined());
  }

 private:
  virtual double value() const = 0;
  virtual std::string why_undefined() const = 0;  // asked for whatever the value is
  std::string name_;
};

// Removes the first `count` numbers and returns them.
inline std::span<const double> taken(std::span<const double>& numbers, std::size_t count) {
  const auto first = numbers.first(count);
  numbers = numbers.subspan(count);
  return first;
}

inline constexpr auto kNoLabel = "no label counts: each is ignored";
inline constexpr auto kNotFinite = "a prediction or a target is not finite";

// Returns the loss's ignore_index, or NaN, which equals no label, if it has none.
float ignored_label(const Loss& loss);

}  // namespace lucid
