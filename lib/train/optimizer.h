#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "plan/parameters.h"

namespace lucid {

// What a checkpoint must hold for one parameter: "momentum_buffer", "exp_avg", ..., in the
// parameter's layout.
struct OptimizerSlot {
  std::string parameter, name;
  Tensor value;
};

// Updates parameters from their gradients as PyTorch's optimizer of that name, element by element
// in any layout: padding holds zeros in values, gradients and slots, and stays zero.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // Makes the slots; every parameter must have its final layout. Call once, before step() or
  // slots().
  virtual void prepare(Engine& engine, Parameters& parameters) = 0;
  virtual void step(Parameters& parameters, double learning_rate) = 0;  // calls parameters.touch()
  virtual std::vector<OptimizerSlot>& slots() = 0;
  virtual std::int64_t steps() const = 0;  // taken so far: Adam's bias correction depends on it
  virtual void set_steps(std::int64_t steps) = 0;  // when a checkpoint is loaded
};

struct OptimizerConfig {
  std::unique_ptr<Optimizer> optimizer;
  double learning_rate = 0;
};
// Reads "type", "lr" and its arguments, calls finish(). The optimizer is null when the type is
// unknown, which is reported.
OptimizerConfig make_optimizer(JsonObject&);

// Scales all gradients so that their joint 2-norm is at most max_norm, as
// torch.nn.utils.clip_grad_norm_. Returns the norm before. Without max_norm (infinity) it only
// measures: a non-finite norm tells of a non-finite gradient.
double clip_gradients(Parameters& parameters, double max_norm);

}  // namespace lucid
