#pragma once

#include <optional>
#include <span>

#include "base/json.h"
#include "plan/parameters.h"

namespace lucid {

// How the weights of convolutions and linear layers begin. By default each layer says so itself.
struct Initialization {
  // He's: normal with the deviation sqrt(2 / (1 + slope^2) / fan_in), biases 0, as PyTorch's
  // kaiming_normal_; the slope is that of the activation below 0.
  std::optional<double> kaiming_slope;
};

// Reads "init", a name or {"type": NAME, "negative_slope": x}.
Initialization read_initialization(JsonObject& model);

// Draws the parameters of a layer from the streams of their names. Those of layers without a weight
// of two or more axes, as norms, stay as they are.
void initialize(const Initialization& how, std::span<Parameter> parameters, std::uint64_t seed);

}  // namespace lucid
