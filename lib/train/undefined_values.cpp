#include "train/undefined_values.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "train/run_events.h"

namespace lucid {
namespace {

// Names the file and the dataset of a set's targets.
std::string place_of(const Dataset& set) {
  const std::string first = set.target_place(0);
  return first.substr(0, first.rfind(", sample "));
}

std::string loss_warning(const Dataset& set, const char* name, const EpochEvent& event,
                         const char* consequence) {
  return place_of(set) + ": " + name + " is not defined in epoch " + std::to_string(event.epoch) +
         ", because no target counts in the loss: each is ignored, or its class has weight 0; " +
         consequence + "; check the labels, loss.ignore_index, loss.weight and the mask";
}

std::string why(const Measurements& measured, const std::string& name) {
  for (const Measurements::Undefined& value : measured.undefined)
    if (value.name == name) return value.why;
  return "no target counts in the loss: each is ignored, or its class has weight 0";
}

}  // namespace

std::vector<std::string> UndefinedValues::of_config() const {
  const RunConfig& config = session_.config();
  if (config.metrics.empty() || session_.validation_set() != nullptr) return {};
  std::vector<std::string> names;
  for (const MetricConfig& metric : config.metrics) names.push_back(metric.name());
  return {config.file + ": /metrics: there is no validation set to measure " + join(names, ", ") +
          " on; give data.validation, or leave metrics out"};
}

std::vector<std::string> UndefinedValues::of_labels() const {
  std::vector<std::string> warnings;
  for (const Dataset* set : session_.ignored_sets())
    warnings.push_back(place_of(*set) +
                       ": every label is ignored, so that there is no loss; check the labels and "
                       "loss.ignore_index");
  return warnings;
}

std::vector<std::string> UndefinedValues::of_epoch(const EpochEvent& event) {
  std::vector<std::string> warnings;
  const auto warn = [&](bool is_undefined, bool& has_told, const auto& text) {
    if (is_undefined && !has_told) warnings.push_back(text());
    has_told = has_told || is_undefined;
  };
  const std::string& monitor = session_.config().train.monitor;
  warn(std::isnan(monitored_value(event, monitor)), has_told_monitor_,
       [&] { return monitor_warning(event); });
  warn(std::isnan(event.train_loss) && !is_monitored("train.loss"), has_told_train_, [&] {
    return loss_warning(session_.train_set(), "train.loss", event,
                        "the parameters stay as they are");
  });
  const auto loss = event.validation.at("loss");
  warn(loss && std::isnan(*loss) && !is_monitored("validation.loss"), has_told_validation_, [&] {
    return loss_warning(*session_.validation_set(), "validation.loss", event,
                        "it is logged as null");
  });
  return warnings;
}

bool UndefinedValues::is_monitored(const std::string& name) const {
  return session_.config().train.monitor == name;
}

std::string UndefinedValues::monitor_warning(const EpochEvent& event) const {
  const RunConfig& config = session_.config();
  const std::string &monitor = config.train.monitor, prefix = "validation.";
  const bool is_of_validation = monitor.starts_with(prefix);
  const Dataset& set = is_of_validation ? *session_.validation_set() : session_.train_set();
  const std::string name = is_of_validation ? monitor.substr(prefix.size()) : "loss";
  return config.file + ": /train/monitor: " + in_quotes(monitor) + " is not defined in epoch " +
         std::to_string(event.epoch) + ", because of " + place_of(set) + ": " +
         why(is_of_validation ? event.validation : Measurements{}, name) +
         "; an epoch without it is neither better nor worse: it is not kept as best.h5, and "
         "neither "
         "early_stopping nor ReduceLROnPlateau counts it; monitor another value, or change the set";
}

}  // namespace lucid
