#include "bench/gradient_digits.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "base/table.h"
#include "bench/digits_layers.h"
#include "graph/model.h"
#include "graph/parse.h"

namespace lucid {
namespace {

// Values from `low` to 1: all of one sign, or a sum of which most cancels.
void fill(std::span<float> values, double low, Rng& rng) {
  for (float& value : values) value = static_cast<float>(low + (1 - low) * rng.uniform());
}

double largest_of(std::span<const float> values) {
  double largest = 0;
  for (const float value : values)
    largest = std::max(largest, std::abs(static_cast<double>(value)));
  return largest;
}

std::vector<std::size_t> checked_elements(std::size_t count) {
  constexpr std::size_t kMost = 48;
  std::vector<std::size_t> elements;
  const std::size_t step = count <= kMost ? 1 : count / kMost | 1U;
  for (std::size_t i = 0; i < count; i += step) elements.push_back(i);
  return elements;
}

class Measurement {
 public:
  Measurement(Engine& engine, const DigitsLayer& layer, std::int64_t size)
      : engine_(engine), layer_(layer), json_(layer.model(size)) {}

  // All routes, over values of one sign and over others; the larger error counts.
  std::vector<GradientDigits> run();

 private:
  Graph graph() const {
    ConfigErrors errors("digits");
    JsonObject object(json_, "", errors);
    return read_graph(object);
  }
  CompileOptions options(const std::string& route) const {
    return {.mode = Mode::kTrain, .routes = {.weight_gradient = route}};
  }
  static bool is_measured(const RouteChoice& choice) {
    return choice.pass == Pass::kWeightGradient && choice.node == "layer";
  }
  std::vector<std::string> routes();
  GradientDigits measure(const std::string& route, double low);
  const std::vector<double>& expected(Plan& plan, const Shape& weights, double low);
  double bias_error(Plan& plan, std::span<const float> gradient) const;

  Engine& engine_;
  const DigitsLayer& layer_;
  Json json_;
  std::vector<double> expected_[2];
};

std::vector<std::string> Measurement::routes() {
  std::vector<std::string> names;
  Model model(graph(), engine_, 0);
  for (const RouteChoice& choice : model.plan(options("")).choices())
    for (const RouteVerdict& verdict : choice.verdicts)
      if (is_measured(choice) && verdict.why_not.empty() &&
          std::ranges::find(names, verdict.route) == names.end())
        names.push_back(verdict.route);
  return names;
}

const std::vector<double>& Measurement::expected(Plan& plan, const Shape& weights, double low) {
  std::vector<double>& all = expected_[low < 0 ? 0 : 1];
  if (!all.empty()) return all;
  const PlainTensor x{onednn::shape_of(plan.input().layout()), plan.input().values()};
  const PlainTensor dy{onednn::shape_of(plan.output().layout()), plan.output_gradient().values()};
  const bool is_x_coarse = layer_.is_transposed;
  for (const std::size_t i : checked_elements(weights.count()))
    all.push_back(weight_gradient(layer_, is_x_coarse ? x : dy, is_x_coarse ? dy : x, weights,
                                  static_cast<std::int64_t>(i)));
  return all;
}

double Measurement::bias_error(Plan& plan, std::span<const float> gradient) const {
  const std::span<const float> dy = plan.output_gradient().values();
  const std::size_t voxels = dy.size() / gradient.size();
  double largest = 0;
  for (std::size_t c = 0; c < gradient.size(); ++c) {
    double sum = 0;
    for (const float value : dy.subspan(c * voxels, voxels)) sum += static_cast<double>(value);
    largest = std::max(largest, std::abs(sum - static_cast<double>(gradient[c])));
  }
  return largest / largest_of(gradient);
}

GradientDigits Measurement::measure(const std::string& route, double low) {
  Model model(graph(), engine_, 0);
  Plan& plan = model.plan(options(route));
  for (Parameter& parameter : model.parameters())
    if (parameter.name == "before/weight") std::ranges::fill(parameter.value.values(), 1.F);
  model.parameters().touch();
  Rng rng(7, "digits");
  fill(plan.input().values(), 0, rng);
  plan.forward();
  fill(plan.output_gradient().values(), low, rng);
  plan.backward();
  GradientDigits digits{layer_.name, "", 0, 0};
  for (const RouteChoice& choice : plan.choices())
    if (is_measured(choice)) digits.route += (digits.route.empty() ? "" : " > ") + choice.chosen;
  const Parameter& weight = model.parameters().at("layer/weight");
  const std::vector<float> found = weight.gradient.plain_values(engine_);
  const std::vector<double>& wanted = expected(plan, weight.shape, low);
  const auto elements = checked_elements(found.size());
  for (std::size_t i = 0; i < elements.size(); ++i)
    digits.weight_error = std::max(digits.weight_error,
                                   std::abs(wanted[i] - static_cast<double>(found[elements[i]])));
  digits.weight_error /= largest_of(found);
  digits.bias_error =
      bias_error(plan, model.parameters().at("layer/bias").gradient.plain_values(engine_));
  return digits;
}

std::vector<GradientDigits> Measurement::run() {
  std::vector<GradientDigits> all;
  for (const std::string& route : routes()) {
    GradientDigits digits = measure(route, 0);
    const GradientDigits other = measure(route, -1);
    digits.weight_error = std::max(digits.weight_error, other.weight_error);
    digits.bias_error = std::max(digits.bias_error, other.bias_error);
    const auto is_same = [&](const GradientDigits& each) { return each.route == digits.route; };
    if (std::ranges::none_of(all, is_same)) all.push_back(digits);
  }
  return all;
}

std::string error_text(double error) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1e", error);
  return text;
}

}  // namespace

std::vector<GradientDigits> measure_gradient_digits(Engine& engine, std::int64_t size) {
  std::vector<GradientDigits> all;
  for (const DigitsLayer& layer : digits_layers())
    for (GradientDigits& digits : Measurement(engine, layer, size).run())
      all.push_back(std::move(digits));
  return all;
}

std::string digits_table(const std::vector<GradientDigits>& figures) {
  Table table({"layer", "route of the weight gradient", "weight", "bias"});
  for (const GradientDigits& row : figures)
    table.add({row.layer, row.route, error_text(row.weight_error), error_text(row.bias_error)});
  return table.text();
}

Json digits_json(const std::vector<GradientDigits>& figures) {
  Json rows = Json::array();
  for (const GradientDigits& row : figures)
    rows.push_back({{"layer", row.layer},
                    {"route", row.route},
                    {"weight", row.weight_error},
                    {"bias", row.bias_error}});
  return rows;
}

}  // namespace lucid
