#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "plan/parameters.h"
#include "train/optimizer/parameter_groups.h"

namespace lucid {

// State of one parameter that a checkpoint holds: "momentum_buffer", "exp_avg", ..., in the layout
// of the parameter.
struct OptimizerSlot {
  std::string parameter, name;
  Tensor value;
};

// The hyperparameters that a schedule changes from step to step.
struct StepRates {
  std::vector<double> learning_rates;  // in the order of Optimizer::lr_factors()
  std::optional<double> momentum{};    // Adam's first beta; empty: as configured
};

// Updates trained parameters from their gradients as PyTorch's optimizer of that name does. It
// works element by element in any layout: padding is zero in values, gradients and slots, and stays
// so.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // Allocates the slots; every parameter must have its final layout. Call it once, before step()
  // and slots().
  virtual void prepare(Engine& engine, Parameters& parameters) = 0;
  virtual void step(Parameters& parameters, const StepRates& rates) = 0;  // calls touch()
  virtual std::vector<OptimizerSlot>& slots() = 0;
  // The steps taken so far, on which Adam's bias correction depends; set when a checkpoint is
  // loaded.
  virtual std::int64_t steps() const = 0;
  virtual void set_steps(std::int64_t steps) = 0;

  // True if there is a momentum, or Adam's first beta, that OneCycleLR can cycle.
  virtual bool has_momentum() const = 0;
  // Call it before prepare().
  virtual void set_groups(std::vector<ParameterGroup> groups) = 0;
  virtual const std::vector<ParameterGroup>& groups() const = 0;
  // The factor 1 of parameters in no group, then that of each group.
  std::vector<double> lr_factors() const;
  StepRates constant_rates(double learning_rate) const;  // without a schedule
};

struct OptimizerConfig {
  std::unique_ptr<Optimizer> optimizer;
  double learning_rate = 0;
};
// Reads "type", "lr", "groups" and its arguments, then calls finish(). Reports an unknown type and
// returns a null optimizer.
OptimizerConfig make_optimizer(JsonObject&);

}  // namespace lucid
