#include "planning/experiment/sections.h"

#include <nlohmann/json.hpp>

namespace lucid {
namespace {

Json volumes_json(const VolumesConfig& volumes) {
  Json files = Json::array();
  for (const std::string& file : volumes.files)
    files.push_back(std::filesystem::weakly_canonical(file).string());
  if (files.size() == 1) files = Json(files.front());
  return {{"files", files}, {"input", volumes.input}, {"target", volumes.target}};
}

}  // namespace

Json set_sections(const PlanData& data) {
  Json sections{{"train", volumes_json(data.train)}};
  if (data.validation) sections["validation"] = volumes_json(*data.validation);
  return sections;
}

Json train_section(const PlanData& data, const PlanSettings& settings, const Length& length,
                   const std::string& monitor) {
  Json train{{"epochs", length.epochs}};
  if (settings.folds > 0) train["folds"] = {{"count", settings.folds}};
  if (data.validation || settings.folds > 0) train["monitor"] = monitor;
  return train;
}

}  // namespace lucid
