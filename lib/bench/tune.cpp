#include "bench/tune.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/table.h"
#include "base/text.h"
#include "bench/timing.h"
#include "bench/tune_probes.h"
#include "graph/model.h"
#include "graph/parse.h"

namespace lucid {
namespace {

Graph graph_of(const Json& json) {
  ConfigErrors errors("tune");
  JsonObject object(json, "", errors);
  return read_graph(object);
}

ForcedRoutes forced(Pass pass, const std::string& route) {
  if (pass == Pass::kForward) return {.forward = route};
  return {.weight_gradient = route};
}

double seconds_so_far(const Plan& plan, Pass pass) {
  double seconds = 0;
  for (const StepReport& step : plan.report())
    if (step.node == "layer" && step.pass == pass && !step.is_preparation) seconds += step.seconds;
  return seconds;
}

double seconds_by(Engine& engine, const Json& model_json, Pass pass, const std::string& route,
                  double seconds) {
  Model model(graph_of(model_json), engine, 0);
  Plan& plan = model.plan({.mode = Mode::kTrain, .routes = forced(pass, route)});
  std::ranges::fill(plan.input().values(), 1.F);
  plan.measure();
  double least = std::numeric_limits<double>::infinity(), before = 0;
  time_of({.repeats = 5, .seconds = seconds}, [&] {
    plan.forward();
    std::ranges::fill(plan.output_gradient().values(), 1.F);
    plan.backward();
    const double now = seconds_so_far(plan, pass);
    least = std::min(least, now - before);
    before = now;
  });
  return least;
}

std::vector<std::string> possible_routes(Engine& engine, const Json& model_json, Pass pass) {
  Model model(graph_of(model_json), engine, 0);
  std::vector<std::string> names;
  for (const RouteChoice& choice : model.plan({.mode = Mode::kTrain}).choices())
    for (const RouteVerdict& verdict : choice.verdicts)
      if (choice.node == "layer" && choice.pass == pass && verdict.why_not.empty())
        names.push_back(verdict.route);
  return names;
}

TunedThreshold measure(Engine& engine, const TuneProbe& probe, double seconds) {
  TunedThreshold tuned{probe.threshold, probe.route, {}};
  for (const std::int64_t value : probe.values) {
    const Json model = probe.model(value);
    const auto routes = possible_routes(engine, model, probe.pass);
    if (std::ranges::find(routes, probe.route) == routes.end()) continue;
    constexpr double kNever = std::numeric_limits<double>::infinity();
    TunePoint point{value, seconds_by(engine, model, probe.pass, probe.route, seconds), kNever};
    for (const std::string& route : routes)
      if (route != probe.route && (!probe.is_against_onednn_alone || route == "onednn"))
        point.other = std::min(point.other, seconds_by(engine, model, probe.pass, route, seconds));
    if (probe.grows_in_edge) point.value = value * value * value;
    tuned.points.push_back(point);
  }
  return tuned;
}

// The name of a value of VectorSet.
const char* enumerator(const std::string& vectors) {
  return vectors == "avx512" ? "kAvx512" : vectors == "avx2" ? "kAvx2" : "kPortable";
}

// Fields in the order of Thresholds; those that are not measured keep the values in use.
std::string row_text(const TuneFigures& figures) {
  std::string row =
      "{\"" + figures.processor.vendor + "\", " + std::to_string(figures.processor.family) + ", " +
      std::to_string(figures.processor.model) + ", " + std::to_string(figures.processor.model) +
      ", VectorSet::" + enumerator(figures.vectors) + ",\n    {.name = \"...\"";
  for (const TunedThreshold& each : figures.thresholds)
    row += ",\n     ." + each.name + " = " + std::to_string(each.value());
  return row + "}},\n";
}

}  // namespace

std::int64_t TunedThreshold::value() const {
  if (points.empty()) return 0;
  std::int64_t value = points.back().value + 1;
  for (auto point = points.rbegin(); point != points.rend() && point->ours <= point->other; ++point)
    value = point->value;
  return value;
}

std::vector<std::string> tuned_names() {
  std::vector<std::string> names;
  for (const TuneProbe& probe : tune_probes()) names.emplace_back(probe.threshold);
  return names;
}

TuneFigures measure_thresholds(Engine& engine, double seconds, const std::string& only) {
  const auto vectors = onednn::vector_set();
  TuneFigures figures{
      this_processor(), onednn::vector_set_name(), thresholds_of(this_processor(), vectors), {}};
  for (const TuneProbe& probe : tune_probes()) {
    if (!only.empty() && only != probe.threshold) continue;
    TunedThreshold tuned = measure(engine, probe, seconds);
    if (!tuned.points.empty()) figures.thresholds.push_back(std::move(tuned));
  }
  return figures;
}

std::string tune_text(const TuneFigures& figures) {
  Table table({"threshold", "value", "at", "route", "ms", "best other"});
  for (const TunedThreshold& each : figures.thresholds) {
    std::string name = each.name, value = std::to_string(each.value()), route = each.route;
    for (const TunePoint& point : each.points) {
      table.add({name, value, std::to_string(point.value), route, fixed_text(point.ours * 1e3, 3),
                 fixed_text(point.other * 1e3, 3)});
      name = value = route = "";
    }
  }
  return "thresholds in use: " + std::string(figures.in_use.name) + "\n" + table.text() +
         "the row of this machine:\n" + row_text(figures);
}

Json tune_json(const TuneFigures& figures) {
  Json json = {{"vendor", figures.processor.vendor}, {"family", figures.processor.family},
               {"model", figures.processor.model},   {"vectors", figures.vectors},
               {"in_use", figures.in_use.name},      {"thresholds", Json::object()}};
  for (const TunedThreshold& each : figures.thresholds) {
    Json points = Json::array();
    for (const TunePoint& point : each.points)
      points.push_back(
          {{"at", point.value}, {"ms", point.ours * 1e3}, {"best_other_ms", point.other * 1e3}});
    json["thresholds"][each.name] = {
        {"value", each.value()}, {"route", each.route}, {"points", points}};
  }
  return json;
}

}  // namespace lucid
