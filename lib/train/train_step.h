#pragma once

#include <span>

#include "data/loader/loader.h"
#include "train/optimizer/ema.h"
#include "train/optimizer/gradient_sum.h"
#include "train/session.h"

namespace lucid {

// Takes steps of the optimizer, each from the gradients of one or several batches: begin() with all
// of them, add() each, then finish(). The loss and the gradients are those of one batch of all
// their samples. Throws Divergence.
class TrainStep {
 public:
  TrainStep(Session& session, std::optional<Ema>& ema) : session_(session), ema_(ema) {}

  // Finds out what the means of the step divide by. `state` seeds the dropout of the first batch;
  // each of the others has the next draw.
  void begin(std::span<const Batch* const> batches, const RandomState& state);
  // Runs forward, loss and backward. `state` seeds dropout.
  void add(const Batch& batch, const RandomState& state);
  // Updates the parameters, unless nothing counted in the loss. Returns the sums of the loss, which
  // are valid until begin().
  const ObjectiveSums& finish(const StepRates& rates);

 private:
  void weigh(const Batch& batch);
  void forward(const Batch& batch, const RandomState& state);
  void predict_whole(std::span<const Batch* const> batches, RandomState state);
  [[noreturn]] void diverge(const std::string& what);

  Session& session_;
  std::optional<Ema>& ema_;
  GradientSum sum_;
  Plan* plan_ = nullptr;               // of the batch added last
  std::vector<OutputValues> outputs_;  // of that plan
  std::vector<Shape> weighed_;         // shapes of the outputs of the batch weighed last
  ObjectiveSums whole_;                // of all batches of a step; empty if there is only one
  ObjectiveSums batch_sums_, sums_;    // of the batch added last, and of all added
  bool is_first_ = true;               // no batch was added yet
};

}  // namespace lucid
