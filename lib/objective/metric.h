#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "objective/loss.h"

namespace lucid {

// A number over a whole set, gathered batch by batch.
class Metric {
 public:
  virtual ~Metric() = default;
  virtual const std::string& name() const = 0;  // "accuracy", the key in logs
  virtual bool higher_is_better() const = 0;
  virtual void reset() = 0;
  virtual void add(const Shape& prediction_shape, std::span<const float> prediction,
                   std::span<const float> target) = 0;
  virtual double value() const = 0;  // NaN when it is undefined, as the AUC of one class
};

const std::vector<std::string>& metric_names();

// Throws Error(kUsage), naming what it needs, when the metric makes no sense for the loss ("auc"
// for MSELoss). prediction without N.
std::unique_ptr<Metric> make_metric(const std::string& name, const Loss& loss,
                                    const Shape& prediction);

}  // namespace lucid
