#include "runs/page/runs_page.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "runs/differences.h"
#include "runs/page/assets.h"
#include "runs/page/frame.h"
#include "train/report/run_folder.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Of all curves together: some 15 bytes each, so that a page stays below 1 MB.
constexpr std::size_t kMostPoints = 40000, kLeastOfCurve = 20;

fs::path absolute_path(const fs::path& path) { return fs::absolute(path).lexically_normal(); }

Json row_of(const Run& run, const fs::path& page_folder) {
  const fs::path place = absolute_path(run.folder).lexically_relative(page_folder);
  const RunEpoch* best = run.best();
  const bool has_page = kind_of(RunFolder(run.folder).report()) == FileKind::kFile;
  return {{"run", place.string()},
          {"has_page", has_page},
          {"state", run.state},
          {"message", run.message},
          {"epoch", run.epochs.empty() ? 0 : run.epochs.back().epoch},
          {"planned_epochs", run.planned_epochs()},
          {"monitor", run.monitor()},
          {"higher_is_better", run.higher_is_better()},
          {"best", run.best_value() ? Json(*run.best_value()) : Json()},
          {"best_epoch", best == nullptr ? Json() : Json(best->epoch)},
          {"seconds", run.seconds()}};
}

// What is drawn: losses, and what the runs monitor.
std::vector<std::string> curve_names(const std::vector<Run>& runs) {
  std::vector<std::string> names;
  for (const Run& run : runs) names.push_back(run.monitor());
  names.insert(names.end(), {"train.loss", "validation.loss"});
  std::vector<std::string> once;
  for (std::string& name : names)
    if (std::ranges::find(once, name) == once.end()) once.push_back(std::move(name));
  return once;
}

// Keeps every n-th epoch and the last one.
Json curve_of(const Run& run, const std::string& name, std::size_t most) {
  Json epochs = Json::array(), values = Json::array();
  const std::size_t count = run.epochs.size(), stride = (count + most - 1) / most;
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = run.epochs[i].at(name);
    if (!value || ((count - 1 - i) % stride != 0)) continue;
    epochs.push_back(run.epochs[i].epoch);
    values.push_back(*value);
  }
  return {{"epoch", std::move(epochs)}, {"value", std::move(values)}};
}

}  // namespace

void write_runs_page(const std::vector<Run>& runs, const fs::path& file) {
  const fs::path page_folder = absolute_path(file).parent_path();
  const std::vector<std::string> names = curve_names(runs);
  const std::size_t most = std::max(kLeastOfCurve, kMostPoints / (runs.size() * names.size()));
  Json rows = Json::array(), parameters = Json::array(), curves = Json::array();
  for (const Run& run : runs) rows.push_back(row_of(run, page_folder));
  for (const Difference& each : differences(runs)) {
    Json values = Json::array();
    for (const auto& value : each.values) values.push_back(value.value_or(Json()));
    parameters.push_back({{"key", each.key}, {"values", std::move(values)}});
  }
  for (const std::string& name : names) {
    Json of_runs = Json::array();
    for (const Run& run : runs) of_runs.push_back(curve_of(run, name, most));
    curves.push_back({{"name", name}, {"runs", std::move(of_runs)}});
  }
  const std::string title = std::to_string(runs.size()) + " runs";
  write_file_atomically(file, html_page(title, page_assets::kRunsScript,
                                        {{"lucid", LUCID_VERSION},
                                         {"folder", page_folder.string()},
                                         {"runs", std::move(rows)},
                                         {"parameters", std::move(parameters)},
                                         {"curves", std::move(curves)}}));
}

}  // namespace lucid
