#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "tensor/parallel.h"
#include "train/optimizer/optimizer.h"

namespace lucid {

// The lines of the list in optimizer.cpp: each reads its own arguments.
std::unique_ptr<Optimizer> make_sgd(JsonObject&);
std::unique_ptr<Optimizer> make_adam(JsonObject&);
std::unique_ptr<Optimizer> make_adam_w(JsonObject&);
std::unique_ptr<Optimizer> make_rms_prop(JsonObject&);

// PyTorch's switches that do not change what is computed, or that lucid lacks: absent, null or
// false.
void refuse_switches(JsonObject&, std::initializer_list<std::string_view> keys);

// The smallest eps: a float above 0, so that where all is 0, 0 / eps stays 0.
inline constexpr double kSmallestEps = 1e-30;

// An optimizer whose slots are a fixed number of tensors for each parameter.
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
  // A run of elements of one parameter, none shared between runs; `slot` in the order of the names,
  // null beyond them.
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
  // Called before the runs of each group of parameters.
  virtual void begin_group(const GroupStep&) = 0;
  virtual void update(const Run&) const = 0;

 private:
  void step_group(Parameters& parameters, std::size_t group);
  void add_runs(Parameter& parameter, std::span<OptimizerSlot> slots);

  std::vector<std::string> slot_names_;
  double weight_decay_;  // of parameters whose group says nothing else
  std::vector<ParameterGroup> groups_;
  std::vector<OptimizerSlot> slots_;
  std::vector<std::size_t> group_of_;  // by trained parameter; 0: none of groups_
  std::vector<Run> runs_;              // of all parameters of the group under way
  std::int64_t steps_ = 0;
};

}  // namespace lucid
