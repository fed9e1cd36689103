#include "graph/initialization.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace lucid {
namespace {

constexpr double kUsualSlope = 0.01;  // LeakyReLU's, and nnU-Net's

const std::array<std::string, 2>& init_names() {
  static const std::array<std::string, 2> kNames = {"default", "kaiming_normal"};
  return kNames;
}

bool is_weight(const Parameter& parameter) { return parameter.shape.rank() >= 2; }

}  // namespace

Initialization read_initialization(JsonObject& model) {
  const Json* value = model.find("init");
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_object()) {
    if (model.choice("init", init_names(), "default") == "default") return {};
    return {kUsualSlope};
  }
  JsonObject object = *model.object("init", true);
  const bool is_default = object.choice("type", init_names(), "default") == "default";
  Initialization how;
  if (!is_default)
    how.kaiming_slope = object.number("negative_slope", {.low = 0, .high = 1e15}, kUsualSlope);
  object.finish();
  return how;
}

void initialize(const Initialization& how, std::span<Parameter> parameters, std::uint64_t seed) {
  if (!how.kaiming_slope || std::ranges::none_of(parameters, is_weight)) return;
  for (Parameter& parameter : parameters) {
    const std::span<float> values = parameter.value.values();
    if (!is_weight(parameter)) {
      std::ranges::fill(values, 0.F);
      continue;
    }
    const Shape& shape = parameter.shape;
    const auto fan_in = static_cast<double>(shape.elements() / shape[0]);
    const double slope = *how.kaiming_slope,
                 deviation = std::sqrt(2 / (1 + slope * slope) / fan_in);
    Rng rng(seed, "init/" + parameter.name);
    for (float& value : values) value = static_cast<float>(deviation * rng.normal());
  }
}

}  // namespace lucid
