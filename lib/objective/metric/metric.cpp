#include "objective/metric/metric.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/registry.h"
#include "base/text.h"
#include "objective/metric/class_metrics.h"
#include "objective/metric/metrics.h"
#include "objective/metric/number_metric.h"

namespace lucid {
namespace {

enum class Needs { kLabels, kClasses, kValues };

// Which cases of a set have a value of their own. A table has none; an AUC would sort the scores of
// each case, which takes longer than its prediction. Of a single label or value, overlaps of
// classes say no more than accuracy, and r2 is undefined.
enum class Cases { kAll, kOfVoxels, kNone };

using MakeMetric = std::unique_ptr<Metric> (*)(const MetricConfig&, const Loss&, const Shape&);

struct NamedMetric {
  const char* name;
  MakeMetric make;
  Needs needs;
  Cases cases = Cases::kOfVoxels;
  bool higher_is_better = true;
};

constexpr std::array kMetrics = {
    NamedMetric{"accuracy", make_accuracy, Needs::kLabels, Cases::kAll},
    NamedMetric{"auc", make_auc, Needs::kLabels, Cases::kNone},
    NamedMetric{"confusion", make_confusion, Needs::kLabels, Cases::kNone},
    NamedMetric{"dice", make_dice, Needs::kLabels},
    NamedMetric{"f1", make_f1, Needs::kLabels},
    NamedMetric{"iou", make_iou, Needs::kLabels},
    NamedMetric{"mae", make_mae, Needs::kValues, Cases::kAll, false},
    NamedMetric{"mse", make_mse, Needs::kValues, Cases::kAll, false},
    NamedMetric{"precision", make_precision, Needs::kLabels},
    NamedMetric{"psnr", make_psnr, Needs::kValues},
    NamedMetric{"r2", make_r2, Needs::kValues},
    NamedMetric{"recall", make_recall, Needs::kLabels},
    NamedMetric{"top_k", make_top_k, Needs::kClasses, Cases::kAll},
};

std::string no_such_metric(const std::string& type) {
  return no_such("metric", type, names_of(kMetrics));
}

bool is_met(Needs needs, PredictionKind kind) {
  if (needs == Needs::kLabels) return kind != PredictionKind::kValues;
  return kind ==
         (needs == Needs::kClasses ? PredictionKind::kClassLogits : PredictionKind::kValues);
}

std::string text_of(Needs needs) {
  if (needs == Needs::kLabels) return "labels, such as CrossEntropyLoss";
  return needs == Needs::kClasses ? "classes, such as CrossEntropyLoss" : "values, such as MSELoss";
}

bool is_known(const std::string& type) { return find_named(kMetrics, type) != nullptr; }

MetricConfig read_arguments(JsonObject& object) {
  MetricConfig config{object.string("type")};
  if (config.type == "top_k") config.k = object.integer("k", {1, 1 << 24}, config.k);
  if (config.type == "psnr" && object.has("data_range"))
    config.data_range = object.number("data_range", {.low = 0, .above_low = true});
  if (is_known(config.type))
    object.finish();
  else if (object.is_sound())
    object.error("type", no_such_metric(config.type));
  return config;
}

// Reads the element at `pointer`, a name or an object. Returns nothing after an error.
std::optional<MetricConfig> read_metric(const Json& value, const std::string& pointer,
                                        ConfigErrors& errors) {
  const std::size_t before = errors.count();
  MetricConfig config;
  if (value.is_object()) {
    JsonObject object(value, pointer, errors);
    config = read_arguments(object);
  } else if (value.is_string()) {
    config.type = value.get<std::string>();
    if (!is_known(config.type)) errors.add(pointer, no_such_metric(config.type));
  } else {
    errors.add(pointer, "expected the name of a metric, or an object, found " + found_text(value));
  }
  return errors.count() == before ? std::optional(config) : std::nullopt;
}

}  // namespace

void Measurements::add_value(const std::string& name, double value, const std::string& why) {
  values.emplace_back(name, value);
  if (std::isnan(value)) undefined.push_back({name, why});
}

void Measurements::add_detail(const std::string& name, double value, const std::string& why) {
  details.emplace_back(name, value);
  if (std::isnan(value)) undefined.push_back({name, why});
}

std::vector<std::string> Measurements::names() const {
  std::vector<std::string> names;
  for (const NamedValues* list : {&values, &details})
    for (const auto& [name, value] : *list) names.push_back(name);
  return names;
}

std::optional<double> Measurements::at(const std::string& name) const {
  for (const NamedValues* list : {&values, &details})
    for (const auto& [known, value] : *list)
      if (known == name) return value;
  return std::nullopt;
}

void Metric::add(const Shape& prediction_shape, std::span<const float> prediction,
                 std::span<const float> target) {
  std::vector<double> numbers;
  measure(prediction_shape, prediction, target, numbers);
  std::span<const double> left = numbers;
  take(left);
}

void add_measurements(const Measurements& measurements, Json& object) {
  for (const NamedValues* list : {&measurements.values, &measurements.details})
    for (const auto& [name, value] : *list) object[name] = value;
  for (const auto& [name, table] : measurements.tables) object[name] = table;
}

std::string MetricConfig::name() const {
  return type == "top_k" ? "top_" + std::to_string(k) : type;
}

bool MetricConfig::higher_is_better() const {
  const NamedMetric* entry = find_named(kMetrics, type);
  return entry != nullptr && entry->higher_is_better;
}

bool is_of_classes(const MetricConfig& metric) {
  const NamedMetric* entry = find_named(kMetrics, metric.type);
  return entry != nullptr && entry->needs == Needs::kLabels && metric.type != "auc";
}

bool MetricConfig::is_of_cases(bool have_voxels) const {
  const NamedMetric* entry = find_named(kMetrics, type);
  if (entry == nullptr) return false;
  return entry->cases == Cases::kAll || (entry->cases == Cases::kOfVoxels && have_voxels);
}

std::vector<MetricConfig> read_metrics(JsonObject& object) {
  const Json* found = object.find("metrics");
  if (found == nullptr || found->is_null()) return {};
  const Json list = found->is_array() ? *found : Json::array({*found});
  const std::string place = child_pointer(object.pointer(), "metrics");
  constexpr std::size_t kMost = 100;
  if (list.size() > kMost) {
    object.error("metrics", "expected at most 100 metrics, found " + std::to_string(list.size()));
    return {};
  }
  std::vector<MetricConfig> metrics;
  std::set<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string pointer = found->is_array() ? place + "/" + std::to_string(i) : place;
    const auto config = read_metric(list[i], pointer, object.errors());
    if (!config) continue;
    if (!names.insert(config->name()).second)
      object.errors().add(
          pointer, "duplicate metric " + in_quotes(config->name()) + "; remove one of the two");
    metrics.push_back(*config);
  }
  return metrics;
}

std::unique_ptr<Metric> make_metric(const MetricConfig& config, const Loss& loss,
                                    const Shape& prediction) {
  const NamedMetric* entry = find_named(kMetrics, config.type);
  if (entry == nullptr) throw Error(ExitCode::kUsage, no_such_metric(config.type));
  if (!is_met(entry->needs, loss.prediction_kind()))
    throw Error(ExitCode::kUsage, "metric " + in_quotes(config.name()) + ": expected a loss over " +
                                      text_of(entry->needs) + ", found " + loss.type());
  return entry->make(config, loss, prediction);
}

float ignored_label(const Loss& loss) {
  const auto ignored = loss.ignore_index();
  return ignored ? static_cast<float>(*ignored) : std::numeric_limits<float>::quiet_NaN();
}

}  // namespace lucid
