#pragma once

#include <span>

#include "data/loader/loader.h"
#include "data/loader/shard.h"
#include "train/optimizer/ema.h"
#include "train/optimizer/gradient_sum.h"
#include "train/session.h"

namespace lucid {

// Takes steps of the optimizer, each from the gradients of one or several batches: begin() with all
// of them, add() each, then finish(). The loss and the gradients are those of one batch of all
// their samples. Each batch is computed shard by shard, and the gradients of all shards are added
// up in a fixed tree. Throws Divergence.
class TrainStep {
 public:
  TrainStep(Session& session, std::optional<Ema>& ema) : session_(session), ema_(ema) {}

  // Finds out what the means of the step divide by. `state` seeds the dropout of the first batch;
  // each of the others has the next draw.
  void begin(std::span<const Batch* const> batches, const RandomState& state);
  // Runs forward, loss and backward. `state` seeds dropout; its draw counts batches.
  void add(const Batch& batch, const RandomState& state);
  // Updates the parameters, unless nothing counted in the loss. Returns the sums of the loss, which
  // are valid until begin().
  const ObjectiveSums& finish(const StepRates& rates);

 private:
  std::size_t shard_limit() const;
  RandomState state_of_shard(RandomState state, std::size_t i) const;
  void weigh(const Shard& shard);
  void forward(const Shard& shard, const RandomState& state);
  void add(const Shard& shard, const RandomState& state);
  void predict_whole(std::span<const Batch* const> batches, RandomState state);
  [[noreturn]] void diverge(const std::string& what);

  Session& session_;
  std::optional<Ema>& ema_;
  GradientSum sum_;
  Plan* plan_ = nullptr;               // of the shard added last
  std::vector<OutputValues> outputs_;  // of that plan
  std::vector<Shape> weighed_;         // shapes of the outputs of the shard weighed last
  ObjectiveSums whole_;                // of all shards of a step; empty if there is only one
  ObjectiveSums shard_sums_, sums_;    // of the shard added last, and of all added
  bool is_first_ = true;               // no shard was added yet
};

}  // namespace lucid
