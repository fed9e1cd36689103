#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "tensor/parallel.h"
#include "train/optimizer.h"

namespace lucid {

// The lines of the list in optimizer.cpp: each reads its own arguments.
std::unique_ptr<Optimizer> make_sgd(JsonObject&);
std::unique_ptr<Optimizer> make_adam(JsonObject&);
std::unique_ptr<Optimizer> make_adam_w(JsonObject&);

// PyTorch's switches that do not change what is computed, or that lucid lacks: absent, null or
// false.
void refuse_switches(JsonObject&, std::initializer_list<std::string_view> keys);

// An optimizer whose slots are a fixed number of tensors for each parameter.
class SlotOptimizer : public Optimizer {
 public:
  explicit SlotOptimizer(std::vector<std::string> slot_names)
      : slot_names_(std::move(slot_names)) {}
  void prepare(Engine& engine, Parameters& parameters) override;
  void step(Parameters& parameters, double learning_rate) override;
  std::vector<OptimizerSlot>& slots() override { return slots_; }
  std::int64_t steps() const override { return steps_; }
  void set_steps(std::int64_t steps) override { steps_ = steps; }

 protected:
  // A run of elements of one parameter, none shared between runs; `slot` in the order of the names,
  // null beyond them.
  struct Run {
    float* value;
    const float* gradient;
    std::array<float*, 2> slot;
    std::int64_t count;
  };
  // Called once a step, before its runs. `step` counts from 1.
  virtual void begin_step(std::int64_t step, double learning_rate) = 0;
  virtual void update(const Run&) const = 0;

 private:
  void update_parameter(Parameter& parameter, std::span<OptimizerSlot> slots);

  std::vector<std::string> slot_names_;
  std::vector<OptimizerSlot> slots_;
  std::int64_t steps_ = 0;
};

}  // namespace lucid
