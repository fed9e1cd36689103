#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "objective/loss/loss.h"

namespace lucid {

class Ranks;

using NamedValues = std::vector<std::pair<std::string, double>>;
using CountTable = std::vector<std::vector<std::int64_t>>;

// The loss and the metrics of a set, by the names that logs use. A value is NaN where it is
// undefined, as the AUC of a set with a single class is.
struct Measurements {
  // Says why a value is undefined.
  struct Undefined {
    std::string name, why;
  };

  NamedValues values;   // the loss, and one value per metric
  NamedValues details;  // of single classes or channels: "dice_1"
  std::vector<std::pair<std::string, CountTable>> tables;
  std::vector<Undefined> undefined;  // of the values and details that are NaN

  // Add a value or a detail; `why` tells why it is undefined if it is NaN.
  void add_value(const std::string& name, double value, const std::string& why);
  void add_detail(const std::string& name, double value, const std::string& why);
  std::vector<std::string> names() const;                   // of the values, then of the details
  std::optional<double> at(const std::string& name) const;  // of either
};

// Adds one key per name; a table becomes a list of rows. What is undefined becomes null.
void add_measurements(const Measurements& measurements, Json& object);

// A metric of a whole set, accumulated batch by batch. Ranks that each measure some of the batches
// tell the others what these add, as numbers. All ranks take the numbers of all batches in the
// order of the set, so that the value has the same bits on any number of ranks.
class Metric {
 public:
  virtual ~Metric() = default;
  virtual void reset() = 0;
  // Appends what a batch adds to the metric.
  virtual void measure(const Shape& prediction_shape, std::span<const float> prediction,
                       std::span<const float> target, std::vector<double>& numbers) = 0;
  // Adds what one measure() appended, from the front of `numbers`, which it shortens.
  virtual void take(std::span<const double>& numbers) = 0;
  // Adds what measure() of the other ranks keeps to itself: counts and scores that are many, and
  // whose order does not matter. All ranks call it once, behind the last batch.
  virtual void join(Ranks&) {}
  // Does the first two, for a process by itself.
  void add(const Shape& prediction_shape, std::span<const float> prediction,
           std::span<const float> target);
  virtual void report(Measurements& measurements) const = 0;  // adds its values
};

// An element of "metrics".
struct MetricConfig {
  std::string type{};
  std::int64_t k = 5;                  // of top_k
  std::optional<double> data_range{};  // of psnr; empty: measured from the targets

  std::string name() const;  // "accuracy", "top_5": the key in logs
  bool higher_is_better() const;
  // True if a single case has a value: not of an AUC or a table, nor, where targets are no voxels,
  // of most others.
  bool is_of_cases(bool have_voxels) const;
};

// Reads "metrics", a list of names or of objects with a type and its arguments. Reports errors to
// the object's ConfigErrors.
std::vector<MetricConfig> read_metrics(JsonObject& root);

// Throws Error(kUsage) when the metric makes no sense for the loss ("auc" for MSELoss).
// `prediction` is a shape without N.
std::unique_ptr<Metric> make_metric(const MetricConfig& config, const Loss& loss,
                                    const Shape& prediction);

}  // namespace lucid
