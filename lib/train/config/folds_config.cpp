#include "train/config/folds_config.h"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>

namespace lucid {
namespace {

const std::array<std::string, 2> kCheckpoints = {"best", "last"}, kTta = {"none", "flips"};

}  // namespace

FoldsConfig read_folds_config(JsonObject& folds) {
  constexpr IntegerRange kCounts{2, 1000000}, kSeeds{0, std::numeric_limits<std::uint32_t>::max()};
  FoldsConfig config;
  config.count = folds.integer("count", kCounts, config.count);
  config.seed = static_cast<std::uint32_t>(folds.integer("seed", kSeeds, config.seed));
  config.file = folds.string("file", "");
  if (folds.has("file")) {
    if (folds.holds_string("file") && config.file.empty())
      folds.error("file", "expected the path of a file, found ''");
    for (const char* key : {"count", "seed"})
      if (folds.has(key)) folds.error(key, "expected none beside 'file', which lists the splits");
  }
  config.predicts_best = folds.choice("checkpoint", kCheckpoints, kCheckpoints[0]) == "best";
  config.predicts_flips = folds.choice("tta", kTta, kTta[0]) == "flips";
  folds.finish();
  return config;
}

Json folds_json(const FoldsConfig& config) {
  Json json = config.file.empty() ? Json{{"count", config.count}, {"seed", config.seed}}
                                  : Json{{"file", config.file}};
  json["checkpoint"] = kCheckpoints[config.predicts_best ? 0 : 1];
  json["tta"] = kTta[config.predicts_flips ? 1 : 0];
  return json;
}

}  // namespace lucid
