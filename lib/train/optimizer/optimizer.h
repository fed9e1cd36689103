#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "plan/parameters.h"
#include "train/optimizer/parameter_groups.h"

namespace lucid {

// What a checkpoint must hold for one parameter: "momentum_buffer", "exp_avg", ..., in the
// parameter's layout.
struct OptimizerSlot {
  std::string parameter, name;
  Tensor value;
};

// What changes from step to step.
struct StepRates {
  std::vector<double> learning_rates;  // in the order of Optimizer::lr_factors()
  std::optional<double> momentum{};    // Adam's first beta; empty: as configured
};

// Updates trained parameters from their gradients as PyTorch's optimizer of that name, element by
// element in any layout: padding holds zeros in values, gradients and slots, and stays zero.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // Makes the slots; every parameter must have its final layout. Call once, before step() or
  // slots().
  virtual void prepare(Engine& engine, Parameters& parameters) = 0;
  virtual void step(Parameters& parameters, const StepRates& rates) = 0;  // calls touch()
  virtual std::vector<OptimizerSlot>& slots() = 0;
  virtual std::int64_t steps() const = 0;  // taken so far: Adam's bias correction depends on it
  virtual void set_steps(std::int64_t steps) = 0;  // when a checkpoint is loaded

  virtual bool has_momentum() const = 0;  // something that OneCycleLR can cycle
  virtual void set_groups(std::vector<ParameterGroup> groups) = 0;  // before prepare()
  virtual const std::vector<ParameterGroup>& groups() const = 0;
  // 1 for parameters in no group, then that of each group.
  std::vector<double> lr_factors() const;
  StepRates constant_rates(double learning_rate) const;  // without a schedule
};

struct OptimizerConfig {
  std::unique_ptr<Optimizer> optimizer;
  double learning_rate = 0;
};
// Reads "type", "lr", "groups" and its arguments, calls finish(). The optimizer is null when the
// type is unknown, which is reported.
OptimizerConfig make_optimizer(JsonObject&);

}  // namespace lucid
