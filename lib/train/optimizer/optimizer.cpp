#include "train/optimizer/optimizer.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/registry.h"
#include "train/optimizer/optimizers.h"

namespace lucid {
namespace {

using MakeOptimizer = OptimizerConfig (*)(JsonObject&);

template <std::unique_ptr<Optimizer> (*make)(JsonObject&)>
OptimizerConfig with_rate(JsonObject& object) {
  const double learning_rate = object.number("lr", {.low = 0});
  OptimizerConfig config{make(object), learning_rate};
  config.optimizer->set_groups(read_parameter_groups(object));
  return config;
}

constexpr std::array kOptimizers = {
    Named<MakeOptimizer>{"Adam", with_rate<make_adam>},
    Named<MakeOptimizer>{"AdamW", with_rate<make_adam_w>},
    Named<MakeOptimizer>{"RMSprop", with_rate<make_rms_prop>},
    Named<MakeOptimizer>{"SGD", with_rate<make_sgd>},
};

}  // namespace

OptimizerConfig make_optimizer(JsonObject& object) {
  return make_named(kOptimizers, "optimizer", object);
}

std::vector<double> Optimizer::lr_factors() const {
  std::vector<double> factors{1};
  for (const ParameterGroup& group : groups()) factors.push_back(group.lr_factor);
  return factors;
}

StepRates Optimizer::constant_rates(double learning_rate) const {
  StepRates rates{lr_factors()};
  for (double& rate : rates.learning_rates) rate *= learning_rate;
  return rates;
}

}  // namespace lucid
