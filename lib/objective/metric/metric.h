#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "objective/loss/loss.h"

namespace lucid {

using NamedValues = std::vector<std::pair<std::string, double>>;
using CountTable = std::vector<std::vector<std::int64_t>>;

// What was measured over a set, by the names that logs use; NaN where it is undefined, as the AUC
// of one class.
struct Measurements {
  NamedValues values;   // the loss, and one number a metric
  NamedValues details;  // of single classes or channels: "dice_1"
  std::vector<std::pair<std::string, CountTable>> tables;

  std::vector<std::string> names() const;                   // of the values, then of the details
  std::optional<double> at(const std::string& name) const;  // of either
};

// Adds a key for each name; tables are lists of rows.
void add_measurements(const Measurements& measurements, Json& object);

// The numbers of a metric over a whole set, gathered batch by batch.
class Metric {
 public:
  virtual ~Metric() = default;
  virtual bool higher_is_better() const = 0;
  virtual void reset() = 0;
  virtual void add(const Shape& prediction_shape, std::span<const float> prediction,
                   std::span<const float> target) = 0;
  virtual void report(Measurements& measurements) const = 0;  // adds what was found
};

// An element of "metrics".
struct MetricConfig {
  std::string type{};
  std::int64_t k = 5;                  // of top_k
  std::optional<double> data_range{};  // of psnr; none: measured

  std::string name() const;  // "accuracy", "top_5": the key in logs
};

// Reads "metrics": names, or objects of a type and its arguments. Errors are reported.
std::vector<MetricConfig> read_metrics(JsonObject& root);

// Throws Error(kUsage), naming what it needs, when the metric makes no sense for the loss ("auc"
// for MSELoss). prediction without N.
std::unique_ptr<Metric> make_metric(const MetricConfig& config, const Loss& loss,
                                    const Shape& prediction);

}  // namespace lucid
