#include "train/cases/case_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace lucid {
namespace {

Json case_json(const CaseMeasurements& measured, const CaseList& list, std::size_t row) {
  const std::size_t index = measured.cases[row];
  Json json = {{"case", list.name(index)}, {"samples", list.end(index) - list.begin(index)}};
  for (std::size_t name = 0; name < measured.names.size(); ++name)
    json[measured.names[name]] = measured.value(row, name);  // JSON has null for NaN
  if (measured.classes.empty()) return json;
  json["target"] = measured.classes[row].target;
  json["prediction"] = measured.classes[row].prediction;
  return json;
}

}  // namespace

Json cases_json(const CaseMeasurements& measured, const CaseList& list, const CaseFacts& facts,
                std::span<const std::size_t> ranked, const CaseLimits& limits) {
  Json json = {{"epoch", facts.epoch},
               {"step", facts.step},
               {"ranked_by", facts.ranked_by},
               {"count", measured.cases.size()}};
  const std::size_t every =
      std::max<std::size_t>((measured.cases.size() + limits.listed - 1) / limits.listed, 1);
  Json& cases = json["cases"] = Json::array();
  for (std::size_t row = 0; row < measured.cases.size(); row += every)
    cases.push_back(case_json(measured, list, row));
  if (every > 1) {
    json["every"] = every;
    Json& worst = json["worst"] = Json::array();
    for (const std::size_t row : ranked.first(std::min(limits.worst, ranked.size())))
      worst.push_back(case_json(measured, list, row));
  }
  Json& pictures = json["pictures"] = Json::array();
  for (const CasePicture& picture : facts.pictures)
    pictures.push_back({{"role", picture.role}, {"case", picture.name}, {"file", picture.file}});
  return json;
}

std::string cases_text(const Json& json) {
  std::string text;
  for (const auto& [key, value] : json.items()) {
    text += (text.empty() ? "{" : ",\n ") + json_text(Json(key)) + ": ";
    if (!value.is_array()) {
      text += json_text(value);
      continue;
    }
    std::string list;
    for (const Json& each : value) list += (list.empty() ? "\n  " : ",\n  ") + json_text(each);
    text += "[" + list + "]";
  }
  return text + "}\n";
}

}  // namespace lucid
