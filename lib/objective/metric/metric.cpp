#include "objective/metric/metric.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/catalogue.h"
#include "base/text.h"
#include "objective/metric/metrics.h"

namespace lucid {
namespace {

enum class Needs { kLabels, kClasses, kValues };

struct Entry {
  const char* name;
  std::unique_ptr<Metric> (*make)(const MetricConfig&, const Loss&, const Shape&);
  Needs needs;
};

constexpr std::array kMetrics = {
    Entry{"accuracy", make_accuracy, Needs::kLabels},
    Entry{"auc", make_auc, Needs::kLabels},
    Entry{"confusion", make_confusion, Needs::kLabels},
    Entry{"dice", make_dice, Needs::kLabels},
    Entry{"f1", make_f1, Needs::kLabels},
    Entry{"iou", make_iou, Needs::kLabels},
    Entry{"mae", make_mae, Needs::kValues},
    Entry{"mse", make_mse, Needs::kValues},
    Entry{"precision", make_precision, Needs::kLabels},
    Entry{"psnr", make_psnr, Needs::kValues},
    Entry{"r2", make_r2, Needs::kValues},
    Entry{"recall", make_recall, Needs::kLabels},
    Entry{"top_k", make_top_k, Needs::kClasses},
};

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const Entry& entry : kMetrics) names.emplace_back(entry.name);
  return names;
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

bool is_known(const std::string& type) {
  return std::ranges::any_of(kMetrics, [&](const Entry& entry) { return type == entry.name; });
}

MetricConfig read_arguments(JsonObject& object) {
  MetricConfig config{object.string("type")};
  if (config.type == "top_k") config.k = object.integer("k", {1, 1 << 24}, config.k);
  if (config.type == "psnr" && object.has("data_range"))
    config.data_range = object.number("data_range", {.low = 0, .above_low = true});
  if (is_known(config.type))
    object.finish();
  else if (object.is_sound())
    object.error("type", no_such("metric", config.type, metric_names()));
  return config;
}

// An element that stands at `pointer`: a name, or an object. Empty after an error.
std::optional<MetricConfig> read_metric(const Json& value, const std::string& pointer,
                                        ConfigErrors& errors) {
  const std::size_t before = errors.count();
  MetricConfig config;
  if (value.is_object()) {
    JsonObject object(value, pointer, errors);
    config = read_arguments(object);
  } else if (value.is_string()) {
    config.type = value.get<std::string>();
    if (!is_known(config.type)) errors.add(pointer, no_such("metric", config.type, metric_names()));
  } else {
    errors.add(pointer, "expected the name of a metric, or an object, found " + found_text(value));
  }
  return errors.count() == before ? std::optional(config) : std::nullopt;
}

}  // namespace

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

void add_measurements(const Measurements& measurements, Json& object) {
  for (const NamedValues* list : {&measurements.values, &measurements.details})
    for (const auto& [name, value] : *list) object[name] = value;
  for (const auto& [name, table] : measurements.tables) object[name] = table;
}

std::string MetricConfig::name() const {
  return type == "top_k" ? "top_" + std::to_string(k) : type;
}

std::vector<MetricConfig> read_metrics(JsonObject& object) {
  const Json* found = object.find("metrics");
  if (found == nullptr || found->is_null()) return {};
  const Json list = found->is_array() ? *found : Json::array({*found});
  const std::string place = child_pointer(object.pointer(), "metrics");
  std::vector<MetricConfig> metrics;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string pointer = found->is_array() ? place + "/" + std::to_string(i) : place;
    const auto config = read_metric(list[i], pointer, object.errors());
    if (!config) continue;
    const auto same = [&](const MetricConfig& other) { return other.name() == config->name(); };
    if (std::ranges::any_of(metrics, same))
      object.errors().add(pointer,
                          "the metric " + in_quotes(config->name()) + " stands twice; keep one");
    metrics.push_back(*config);
  }
  return metrics;
}

std::unique_ptr<Metric> make_metric(const MetricConfig& config, const Loss& loss,
                                    const Shape& prediction) {
  const auto entry =
      std::ranges::find_if(kMetrics, [&](const Entry& known) { return config.type == known.name; });
  if (entry == kMetrics.end())
    throw Error(ExitCode::kUsage, no_such("metric", config.type, metric_names()));
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
