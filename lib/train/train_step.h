#pragma once

#include "data/loader/loader.h"
#include "train/optimizer/ema.h"
#include "train/optimizer/gradient_sum.h"
#include "train/session.h"

namespace lucid {

// One step of the optimizer, from the gradients of one batch or of several: add() each, then
// finish(). Throws Divergence.
class TrainStep {
 public:
  TrainStep(Session& session, std::optional<Ema>& ema) : session_(session), ema_(ema) {}

  // Forward, loss and backward; returns the loss. `state`: what its random numbers follow from.
  float add(const Batch& batch, const RandomState& state);
  // Updates; returns the loss over all samples added.
  float finish(const StepRates& rates);

 private:
  [[noreturn]] void diverge(const std::string& what);

  Session& session_;
  std::optional<Ema>& ema_;
  GradientSum sum_;
  Plan* plan_ = nullptr;                 // of the batch added last
  std::vector<OutputValues> outputs_;    // of that plan
  std::int64_t samples_ = 0, last_ = 0;  // of this step; of them in the batch added last
  double loss_sum_ = 0;                  // over samples_
};

}  // namespace lucid
