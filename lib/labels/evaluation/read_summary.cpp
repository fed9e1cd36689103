#include <limits>
#include <nlohmann/json.hpp>

#include "labels/evaluation/summary.h"

namespace lucid {
namespace {

ClassMeasures class_of(const std::string& label, const Json& values) {
  ClassMeasures measures;
  measures.label = static_cast<Label>(std::stol(label));
  for (std::size_t i = 0; i < kMeasures; ++i) {
    const Json& value = values.at(std::string(measure_name(i).key));
    measures.values[i] =
        value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
  }
  for (const auto& [key, count] :
       {std::pair("TP", &ClassVoxels::tp), std::pair("FP", &ClassVoxels::fp),
        std::pair("FN", &ClassVoxels::fn), std::pair("TN", &ClassVoxels::tn)})
    measures.voxels.*count = values.at(key).get<std::int64_t>();
  return measures;
}

}  // namespace

std::vector<CaseMeasures> evaluated_cases(const Json& json, const std::string& file) {
  try {
    std::vector<CaseMeasures> cases;
    for (const Json& each : json.at("metric_per_case")) {
      CaseMeasures& measures = cases.emplace_back();
      measures.name = each.at("name").get<std::string>();
      measures.prediction = each.at("prediction_file").get<std::string>();
      measures.truth = each.at("reference_file").get<std::string>();
      for (const auto& [label, values] : each.at("metrics").items())
        measures.classes.push_back(class_of(label, values));
    }
    return cases;
  } catch (const std::exception&) {
    throw Error(ExitCode::kData,
                file + ": expected what lucid-data evaluate writes, found something else");
  }
}

}  // namespace lucid
