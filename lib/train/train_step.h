#pragma once

#include <span>

#include "data/loader/loader.h"
#include "data/loader/shard.h"
#include "train/optimizer/ema.h"
#include "train/optimizer/gradient_sum.h"
#include "train/running_statistics.h"
#include "train/session.h"
#include "train/shard_exchange.h"

namespace lucid {

// Takes steps of the optimizer, each from the gradients of one or several batches: begin() with all
// of them, add() each, then finish(). The loss and the gradients are those of one batch of all
// their samples. Each batch is computed shard by shard, and the gradients of all shards are added
// up in a fixed tree. Throws Divergence.
class TrainStep {
 public:
  // Of several ranks, each computes some shards of every batch, and all take the same step: at most
  // as many as train.shards. All arguments must outlive it.
  TrainStep(Session& session, std::optional<Ema>& ema, Ranks& ranks);

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
  bool is_in_shards() const { return shard_limit() > 1; }
  template <class Work>
  void for_own_shards(const Batch& batch, const Work& work);
  RandomState state_of_shard(RandomState state, std::size_t i) const;
  void weigh(const Shard& shard);
  void add_to_whole(std::span<const double> own);
  void forward(const Shard& shard, const RandomState& state);
  void differentiate(const Shard& shard, const RandomState& state);
  void check_loss(const ObjectiveSums& sums);
  void add_in_shards(const Batch& batch, const RandomState& state);
  void take_numbers(std::span<const double> own);
  void predict_whole(std::span<const Batch* const> batches, RandomState state);
  [[noreturn]] void diverge(const std::string& what);

  Session& session_;
  std::optional<Ema>& ema_;
  Ranks& ranks_;
  RunningStatistics statistics_;
  GradientExchange exchange_;
  GradientSum sum_, block_sum_;        // of the step; of a block of shards
  Plan* plan_ = nullptr;               // of the shard added last
  std::vector<OutputValues> outputs_;  // of that plan
  std::vector<Shape> weighed_;         // shapes of the outputs of the shard weighed last
  ObjectiveSums whole_;                // of all shards of a step; empty if there is only one
  ObjectiveSums shard_sums_, sums_;    // of the shard added last, and of all added
  std::size_t shards_before_ = 0;      // of the batches added
  bool is_first_ = true;               // no batch was added yet
};

}  // namespace lucid
