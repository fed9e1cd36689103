#include "bench/alternatives.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/table.h"
#include "base/text.h"

namespace lucid {
namespace {

using Route = WeightGradientRoute;

bool is_of_weight_gradient(const StepReport& step) {
  return step.what.ends_with("weight gradient") || step.what == "padding in depth";
}

// Reorders are counted with the weight gradient of their layer: routes differ in them, the rest of
// the way back does not.
AlternativeFigures figures_of(const LayersFigures& figures, const std::string& layer) {
  AlternativeFigures found{"", 0};
  for (const auto& [step, share, is_bound_by_memory] : figures.steps) {
    if (step.node != layer || !step.is_backward) continue;
    if (is_of_weight_gradient(step) || step.what == "reorder") found.seconds += step.seconds;
    if (step.what.ends_with("weight gradient")) found.implementation += step.implementation;
    if (step.what == "padding in depth") found.implementation = "padded in depth, ";
  }
  return found;
}

std::vector<std::string> convolutions(const LayersFigures& figures) {
  std::vector<std::string> layers;
  for (const LayerFigures& each : figures.steps)
    if (each.step.what == "convolution weight gradient" ||
        each.step.what == "phase weight gradient")
      layers.push_back(each.step.node);
  return layers;
}

}  // namespace

std::vector<AlternativesFigures> measure_alternatives(const std::filesystem::path& config,
                                                      Engine& engine, BenchOptions options,
                                                      const Machine& machine) {
  options.modes = {Mode::kTrain};
  const auto by_route = [&](Route route) {
    options.weight_gradient_route = route;
    return std::move(measure_layers(config, engine, options, machine).front());
  };
  const LayersFigures chosen = by_route(Route::kBest);
  const std::vector<LayersFigures> others = {by_route(Route::kOneDnn), by_route(Route::kPadded),
                                             by_route(Route::kOwn)};
  std::vector<AlternativesFigures> all;
  for (const std::string& layer : convolutions(chosen)) {
    AlternativesFigures& row =
        all.emplace_back(AlternativesFigures{layer, figures_of(chosen, layer), {}});
    std::vector<std::string> seen = {row.chosen.implementation};
    for (const LayersFigures& other : others) {
      const AlternativeFigures found = figures_of(other, layer);
      if (std::ranges::find(seen, found.implementation) != seen.end()) continue;
      seen.push_back(found.implementation);
      row.others.push_back(found);
    }
  }
  return all;
}

std::string alternatives_table(std::span<const AlternativesFigures> figures) {
  Table table({"weight gradient of", "chosen", "ms", "instead of", "ms"});
  for (const AlternativesFigures& row : figures) {
    std::string layer = row.layer, implementation = row.chosen.implementation;
    std::string ms = fixed_text(row.chosen.seconds * 1e3, 3);
    if (row.others.empty()) table.add({layer, implementation, ms, "", ""});
    for (const AlternativeFigures& other : row.others) {
      table.add(
          {layer, implementation, ms, other.implementation, fixed_text(other.seconds * 1e3, 3)});
      layer = implementation = ms = "";
    }
  }
  return table.text();
}

Json alternatives_json(std::span<const AlternativesFigures> figures) {
  const auto entry = [](const AlternativeFigures& each) {
    return Json{{"implementation", each.implementation}, {"ms", each.seconds * 1e3}};
  };
  Json rows = Json::array();
  for (const AlternativesFigures& row : figures) {
    Json others = Json::array();
    for (const AlternativeFigures& other : row.others) others.push_back(entry(other));
    rows.push_back({{"layer", row.layer}, {"chosen", entry(row.chosen)}, {"others", others}});
  }
  return rows;
}

}  // namespace lucid
