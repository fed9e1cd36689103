#include "planning/experiment/sections.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lucid {
namespace {

// Absolute paths; patterns stay what they are.
Json paths_json(const std::vector<std::string>& files) {
  Json paths = Json::array();
  for (const std::string& file : files)
    paths.push_back(std::filesystem::weakly_canonical(file).string());
  return files.size() == 1 ? Json(paths.front()) : paths;
}

Json volumes_json(const VolumesConfig& volumes) {
  return {
      {"files", paths_json(volumes.files)}, {"input", volumes.input}, {"target", volumes.target}};
}

}  // namespace

Json set_sections(const PlanData& data) {
  Json sections;
  if (data.scans)
    sections["train"] = {{"files", paths_json(data.scans->files)},
                         {"labels", paths_json(data.scans->labels)}};
  else
    sections["train"] = volumes_json(data.train);
  if (data.validation) sections["validation"] = volumes_json(*data.validation);
  if (!data.train.merges.empty()) sections["merge_labels"] = data.train.merges.json();
  return sections;
}

Json train_section(const PlanData& data, const PlanSettings& settings, const Length& length,
                   const std::string& monitor) {
  Json train{{"epochs", length.epochs}};
  if (settings.seconds > 0) train["time_limit"] = settings.seconds / 3600;
  if (settings.folds > 0) train["folds"] = {{"count", settings.folds}};
  if (data.validation || settings.folds > 0) train["monitor"] = monitor;
  return train;
}

void predict_mirrored(Json& train) {
  if (train.contains("folds")) train["folds"]["tta"] = "flips";
}

std::optional<Json> ema_section(const PlanDefaults& defaults, const Length& length) {
  const double averaged = std::floor(defaults.averaged_share * static_cast<double>(length.steps()));
  if (averaged < 2) return std::nullopt;
  return Json{{"decay", std::round(1e5 * (1 - 1 / averaged)) / 1e5}};
}

}  // namespace lucid
