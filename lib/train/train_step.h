#pragma once

#include "data/loader/loader.h"
#include "train/optimizer/ema.h"
#include "train/optimizer/gradient_sum.h"
#include "train/session.h"

namespace lucid {

// Takes steps of the optimizer, each from the gradients of one or several batches: add() each
// batch, then finish(). Throws Divergence.
class TrainStep {
 public:
  TrainStep(Session& session, std::optional<Ema>& ema) : session_(session), ema_(ema) {}

  // Runs forward, loss and backward, and returns the loss. `state` seeds dropout.
  float add(const Batch& batch, const RandomState& state);
  // Updates the parameters and returns the mean loss of the samples added.
  float finish(const StepRates& rates);

 private:
  [[noreturn]] void diverge(const std::string& what);

  Session& session_;
  std::optional<Ema>& ema_;
  GradientSum sum_;
  Plan* plan_ = nullptr;                 // of the batch added last
  std::vector<OutputValues> outputs_;    // of that plan
  std::int64_t samples_ = 0, last_ = 0;  // in this step; in the batch added last
  double loss_sum_ = 0;                  // over samples_
  bool inputs_are_finite_ = true;
};

}  // namespace lucid
