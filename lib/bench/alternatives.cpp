#include "bench/alternatives.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/table.h"
#include "base/text.h"
#include "layers/convolution/routes.h"

namespace lucid {
namespace {

bool is_of(const AlternativesFigures& row, const std::string& layer, Pass pass) {
  return row.layer == layer && row.pass == pass;
}

// A layer that leaves a part of a pass to another route has two choices for it. A route counts as
// possible where it is for either.
void add_choice(std::vector<AlternativesFigures>& rows, const RouteChoice& choice) {
  const auto known = std::ranges::find_if(
      rows, [&](const auto& row) { return is_of(row, choice.node, choice.pass); });
  if (known == rows.end()) {
    AlternativesFigures row{choice.node, choice.pass, choice.chosen, {}, 0};
    for (const RouteVerdict& verdict : choice.verdicts)
      row.routes.push_back({verdict.route, verdict.why_not, verdict.cost});
    rows.push_back(std::move(row));
    return;
  }
  known->chosen += " > " + choice.chosen;
  for (std::size_t i = 0; i < choice.verdicts.size(); ++i) {
    const RouteVerdict& verdict = choice.verdicts[i];
    if (verdict.why_not.empty()) known->routes[i] = {verdict.route, "", verdict.cost};
  }
}

double seconds_of(const LayersFigures& figures, const AlternativesFigures& row) {
  double seconds = 0;
  for (const LayerFigures& each : figures.steps)
    if (each.step.node == row.layer && each.step.pass == row.pass) seconds += each.step.seconds;
  return seconds;
}

}  // namespace

std::vector<AlternativesFigures> measure_alternatives(const std::filesystem::path& config,
                                                      Engine& engine, BenchOptions options,
                                                      const MachinePeaks& machine) {
  options.modes = {Mode::kTrain};
  const auto measure = [&](const std::string& forced) {
    options.routes = {forced, forced, forced};
    return std::move(measure_layers(config, engine, options, machine).front());
  };
  std::vector<AlternativesFigures> rows;
  const LayersFigures free = measure("");
  for (const RouteChoice& choice : free.choices) add_choice(rows, choice);
  for (AlternativesFigures& row : rows) row.seconds = seconds_of(free, row);
  const auto all_routes = convolution_routes().list();
  for (std::size_t i = 0; i < all_routes.size(); ++i) {
    const LayersFigures figures = measure(all_routes[i].name);
    for (AlternativesFigures& row : rows)
      if (row.routes[i].why_not.empty()) row.routes[i].seconds = seconds_of(figures, row);
  }
  return rows;
}

const RouteFigures* AlternativesFigures::next_best() const {
  const auto is_chosen = [&](const std::string& route) {
    return (" " + chosen + " ").find(" " + route + " ") != std::string::npos;
  };
  const RouteFigures* best = nullptr;
  for (const RouteFigures& each : routes)
    if (each.why_not.empty() && !is_chosen(each.route) &&
        (best == nullptr || each.seconds < best->seconds))
      best = &each;
  return best;
}

void add_next_best(std::span<const AlternativesFigures> figures, LayersFigures& layers) {
  for (const AlternativesFigures& row : figures) {
    const RouteFigures* next = row.next_best();
    LayerFigures* largest = nullptr;
    for (LayerFigures& each : layers.steps)
      if (each.step.node == row.layer && each.step.pass == row.pass &&
          (largest == nullptr || each.step.flops > largest->step.flops))
        largest = &each;
    if (next != nullptr && largest != nullptr)
      largest->next_best = NextBest{next->route, next->seconds, row.seconds};
  }
}

std::string alternatives_table(std::span<const AlternativesFigures> figures) {
  Table table({"layer", "pass", "chosen", "route", "cost", "ms", ""});
  for (const AlternativesFigures& row : figures) {
    std::string layer = row.layer, pass(pass_name(row.pass)), chosen = row.chosen;
    for (const RouteFigures& each : row.routes) {
      const bool is_possible = each.why_not.empty();
      table.add({layer, pass, chosen, each.route, is_possible ? number_text(each.cost) : "",
                 is_possible ? fixed_text(each.seconds * 1e3, 3) : "", each.why_not});
      layer = pass = chosen = "";
    }
  }
  return table.text();
}

Json alternatives_json(std::span<const AlternativesFigures> figures) {
  Json rows = Json::array();
  for (const AlternativesFigures& row : figures) {
    Json routes = Json::array();
    for (const RouteFigures& each : row.routes) {
      if (each.why_not.empty())
        routes.push_back({{"route", each.route}, {"cost", each.cost}, {"ms", each.seconds * 1e3}});
      else
        routes.push_back({{"route", each.route}, {"why_not", each.why_not}});
    }
    rows.push_back({{"layer", row.layer},
                    {"pass", pass_name(row.pass)},
                    {"chosen", row.chosen},
                    {"routes", routes}});
  }
  return rows;
}

}  // namespace lucid
