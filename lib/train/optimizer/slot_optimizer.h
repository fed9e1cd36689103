#pragma once
// Private to this room.

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "train/optimizer/optimizer.h"

namespace lucid {

// Reports each of PyTorch's switches that is neither absent, null nor false: they either do not
// change the result or are not supported.
void refuse_switches(JsonObject&, std::initializer_list<std::string_view> keys);

// The smallest eps that is accepted. As a float it is above 0, so that 0 / (0 + eps) is 0.
inline constexpr double kSmallestEps = 1e-30;

// Base of the optimizers that keep the same few tensors (slots) for every parameter.
class SlotOptimizer : public Optimizer {
 public:
  SlotOptimizer(std::vector<std::string> slot_names, double weight_decay)
      : slot_names_(std::move(slot_names)), weight_decay_(weight_decay) {}
  void prepare(Engine& engine, Parameters& parameters) override;
  void step(Parameters& parameters, const StepRates& rates) override;
  std::vector<OptimizerSlot>& slots() override { return slots_; }
  std::int64_t steps() const override { return steps_; }
  void set_steps(std::int64_t steps) override { steps_ = steps; }
  void set_groups(std::vector<ParameterGroup> groups) override { groups_ = std::move(groups); }
  const std::vector<ParameterGroup>& groups() const override { return groups_; }

 protected:
  // Consecutive elements of one parameter, updated by one thread. `slot` follows the order of the
  // slots' names and is null beyond them.
  struct Run {
    float* value;
    const float* gradient;
    std::array<float*, 3> slot;
    std::int64_t count;
  };
  struct GroupStep {
    std::int64_t step;  // counts from 1
    double learning_rate, weight_decay;
    std::optional<double> momentum;  // empty: as configured
  };
  // Is called before the runs of each group of parameters.
  virtual void begin_group(const GroupStep&) = 0;
  virtual void update(const Run&) const = 0;

 private:
  void step_group(Parameters& parameters, std::size_t group);
  void add_runs(Parameter& parameter, std::span<OptimizerSlot> slots);

  std::vector<std::string> slot_names_;
  double weight_decay_;  // unless the parameter's group has its own
  std::vector<ParameterGroup> groups_;
  std::vector<OptimizerSlot> slots_;
  std::vector<std::size_t> group_of_;  // by trained parameter; 0: none of groups_
  std::vector<Run> runs_;              // of all parameters of the current group
  std::int64_t steps_ = 0;
};

}  // namespace lucid
