#include <cmath>
#include <nlohmann/json.hpp>

#include "base/csv.h"
#include "base/table.h"
#include "base/text.h"
#include "labels/evaluation/summary.h"

namespace lucid {
namespace {

constexpr double kMm3PerMl = 1000;

bool is_volume(std::size_t measure) {
  return measure >= static_cast<std::size_t>(Measure::kVolume);
}

std::string cell(double value, int digits) {
  return std::isnan(value) ? "-" : fixed_text(value, digits);
}

std::vector<std::string> row_of(std::vector<std::string> cells, const MeasureValues& values) {
  for (std::size_t i = 0; i < kMeasures; ++i)
    cells.push_back(cell(is_volume(i) ? values[i] / kMm3PerMl : values[i], measure_name(i).digits));
  return cells;
}

std::string class_table(const std::vector<CaseMeasures>& cases) {
  std::vector<std::string> header{"case", "class"};
  for (std::size_t i = 0; i < kMeasures; ++i) header.emplace_back(measure_name(i).column);
  Table table(header);
  for (const CaseMeasures& each : cases)
    for (const ClassMeasures& found : each.classes)
      if (found.label != 0)
        table.add(row_of({each.name, std::to_string(found.label)}, found.values));
  const Summary summary = summary_of(cases);
  for (const auto& [label, values] : summary.classes)
    table.add(row_of({"mean", std::to_string(label)}, values));
  table.add(row_of({"mean", "foreground"}, summary.foreground));
  table.add(row_of({"mean", "all"}, summary.all));
  return table.text();
}

std::string instance_table(const std::vector<CaseMeasures>& cases) {
  constexpr int kDigits = 4;
  std::vector<std::string> header{"case"};
  for (const auto& [name, value] : instance_values(*cases.front().instances))
    header.push_back(name);
  Table table(header);
  const auto add = [&](const std::string& name, const NamedValues& values) {
    std::vector<std::string> cells{name};
    for (const auto& [key, value] : values)
      cells.push_back(
          cell(value, key.starts_with("n_") && value == std::floor(value) ? 0 : kDigits));
    table.add(std::move(cells));
  };
  for (const CaseMeasures& each : cases) add(each.name, instance_values(*each.instances));
  add("mean", mean_instance_values(cases));
  return table.text();
}

std::string field(double value) { return std::isnan(value) ? "" : number_text(value); }

std::string class_csv(const std::vector<CaseMeasures>& cases) {
  CsvRow header;
  header.add("case").add("class");
  for (std::size_t i = 0; i < kMeasures; ++i) header.add(measure_name(i).key);
  for (const char* name : {"TP", "FP", "FN", "TN", "n_pred", "n_ref"}) header.add(name);
  std::string text = header.line() + "\n";
  for (const CaseMeasures& each : cases)
    for (const ClassMeasures& found : each.classes) {
      CsvRow row;
      row.add(each.name).add(found.label);
      for (const double value : found.values) row.add(field(value));
      const ClassVoxels& v = found.voxels;
      for (const std::int64_t count : {v.tp, v.fp, v.fn, v.tn, v.predicted(), v.in_truth()})
        row.add(count);
      text += row.line() + "\n";
    }
  return text;
}

std::string instance_csv(const std::vector<CaseMeasures>& cases) {
  CsvRow header;
  header.add("case");
  for (const auto& [name, value] : instance_values(*cases.front().instances)) header.add(name);
  std::string text = header.line() + "\n";
  for (const CaseMeasures& each : cases) {
    CsvRow row;
    row.add(each.name);
    for (const auto& [name, value] : instance_values(*each.instances)) row.add(field(value));
    text += row.line() + "\n";
  }
  return text;
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

enum class Names { kNnunet, kOwn, kBoth };

Json json_of(const MeasureValues& values, Names names) {
  Json json = Json::object();
  for (std::size_t i = 0; i < kMeasures; ++i) {
    const Json value = number(values[i]);
    if (names != Names::kNnunet) json[std::string(measure_name(i).name)] = value;
    if (names != Names::kOwn) json[std::string(measure_name(i).key)] = value;
  }
  return json;
}

Json json_of(const NamedValues& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[name] = number(value);
  return json;
}

Json json_of(const CaseMeasures& measures) {
  Json json{{"name", measures.name}, {"metrics", Json::object()}};
  for (const ClassMeasures& found : measures.classes) {
    Json& values = json["metrics"][std::to_string(found.label)] =
        json_of(found.values, Names::kNnunet);
    const ClassVoxels& v = found.voxels;
    values.update(Json{{"TP", v.tp},
                       {"FP", v.fp},
                       {"FN", v.fn},
                       {"TN", v.tn},
                       {"n_pred", v.predicted()},
                       {"n_ref", v.in_truth()}});
  }
  if (measures.instances) json["metrics"] = json_of(instance_values(*measures.instances));
  json["prediction_file"] = measures.prediction;
  json["reference_file"] = measures.truth;
  return json;
}

// A class that is in neither volume has no entry.
Json classes_json(const CaseMeasures& measures) {
  Json classes = Json::object();
  for (const ClassMeasures& found : measures.classes)
    if (found.label != 0 && found.voxels.predicted() + found.voxels.in_truth() > 0)
      classes[std::to_string(found.label)] = json_of(found.values, Names::kOwn);
  return {{"name", measures.name}, {"classes", classes}};
}

}  // namespace

std::string evaluation_table(const std::vector<CaseMeasures>& cases) {
  return cases.front().instances ? instance_table(cases) : class_table(cases);
}

std::string evaluation_csv(const std::vector<CaseMeasures>& cases) {
  return cases.front().instances ? instance_csv(cases) : class_csv(cases);
}

Json evaluation_json(const std::vector<CaseMeasures>& cases, const EvaluationOptions& options) {
  Json json = Json::object();
  if (options.are_instances) {
    json["mean"] = json_of(mean_instance_values(cases));
  } else {
    const Summary summary = summary_of(cases);
    json["foreground_mean"] = json_of(summary.foreground, Names::kBoth);
    json["all_mean"] = json_of(summary.all, Names::kBoth);
    json["mean"] = Json::object();
    for (const auto& [label, values] : summary.classes)
      json["mean"][std::to_string(label)] = json_of(values, Names::kBoth);
    json["tolerance_mm"] = options.tolerance;
    json["cases"] = Json::array();
    for (const CaseMeasures& each : cases) json["cases"].push_back(classes_json(each));
  }
  json["metric_per_case"] = Json::array();
  for (const CaseMeasures& each : cases) json["metric_per_case"].push_back(json_of(each));
  return json;
}

}  // namespace lucid
