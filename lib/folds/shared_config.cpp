#include "folds/shared_config.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tensor/engine.h"
#include "train/session/measured_set.h"

namespace lucid {
namespace {

// All samples are resampled to what is the median of all cases, in whichever fold.
Json with_median(const RunConfig& config, const FoldCases& cases) {
  Json json = config.json;
  if (!config.data.grid.takes_median) return json;
  GridConfig grid = config.data.grid;
  grid.spacing = cases.median_size(grid);
  grid.takes_median = false;
  json["data"].update(grid_json(grid));
  return json;
}

// Measures the training set of the config, which holds the cases of all folds, on the grid of
// `json`. Of scans the config has the imported files.
Normalization measured_over_all(const RunConfig& config, const Json& json, int threads) {
  RunConfig all = read_run_config(json, config.file, "");
  all.data.train = config.data.train;
  const Engine engine(threads);
  Warnings of_data;  // each fold has them, too
  const DataSets sets(all, engine.threads(), {}, of_data);
  Normalization measured = measured_set(all, sets);
  for (std::string& note : measured.notes)
    note = config.file + ": /data/normalize: " + sets.train_name() + ", " + note;
  return measured;
}

// Returns what the folder's rule became; null if it has none.
Json kept_numbers(const FoldFolder& folder, const Json& rule) {
  if (kind_of(folder.normalize()) != FileKind::kFile) return nullptr;
  const Json kept = read_json_file(folder.normalize());
  const auto sorted = [](const Json& json) { return nlohmann::json::parse(json_text(json)); };
  if (sorted(kept) != sorted(rule))  // in whatever order the keys are
    throw Error(ExitCode::kUsage,
                folder.normalize().string() + ": /: expected the data.normalize of the config, " +
                    json_text(rule) + ", found " + json_text(kept) +
                    ", which all folds of the folder share; choose another folder with --output");
  return read_json_file(folder.config()).at("data").at("normalize");
}

}  // namespace

SharedConfig shared_config(const RunConfig& config, const FoldCases& cases,
                           const FoldFolder& folder, const ValueMeasuring& measuring) {
  SharedConfig shared{with_median(config, cases), nullptr};
  const auto& rule = config.data.normalize.rule;
  if (!rule || rule->per != NormalizedPer::kSet) return shared;
  Json& normalize = shared.config["data"]["normalize"];
  const Json typed = normalize;
  if (kind_of(folder.config()) == FileKind::kFile) {
    const Json kept = kept_numbers(folder, typed);
    if (kept.is_null()) return shared;
    normalize = kept;
  } else {
    if (!measuring.is_allowed) return shared;
    Normalization measured = measured_over_all(config, shared.config, measuring.threads);
    normalize = normalization_json(measured);
    shared.notes = std::move(measured.notes);
  }
  shared.normalize = typed;
  return shared;
}

}  // namespace lucid
