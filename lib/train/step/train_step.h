#pragma once

#include <span>

#include "data/loader/loader.h"
#include "train/optimizer/ema.h"
#include "train/session/session.h"
#include "train/step/gradient_exchange.h"
#include "train/step/running_statistics.h"
#include "train/step/shard_passes.h"

namespace lucid {

// Takes steps of the optimizer, each from the gradients of one or several batches: begin() with all
// of them, add() each, then finish(). The loss and the gradients are those of one batch of all
// their samples. Each batch is computed shard by shard, and the gradients of all shards are added
// up in a fixed tree. Throws Divergence.
class TrainStep {
 public:
  // Of several ranks, each computes some shards of every batch, and all take the same step: at most
  // as many as train.shards. With `overlaps` they exchange gradients while the backward pass goes
  // on. All arguments must outlive it.
  TrainStep(Session& session, std::optional<Ema>& ema, Ranks& ranks, bool overlaps = true);

  // Finds out what the means of the step divide by. `state` seeds the dropout of the first batch;
  // each of the others has the next draw.
  void begin(std::span<const Batch* const> batches, const RandomState& state);
  // Runs forward, loss and backward. `state` seeds dropout; its draw counts batches.
  void add(const Batch& batch, const RandomState& state);
  // Updates the parameters, unless nothing counted in the loss. Returns the sums of the loss, which
  // are valid until begin().
  const ObjectiveSums& finish(const StepRates& rates);

  // How long this rank waited for the gradients of others.
  double wait_seconds() const { return exchange_.wait_seconds(); }

 private:
  std::size_t shard_limit() const { return passes_.shard_limit(); }
  bool is_in_shards() const { return passes_.is_in_shards(); }
  void weigh(const Shard& shard);
  void weigh_whole(const Batch& batch);
  void note(std::vector<double>& own);
  void add_to_whole(std::span<const double> own);
  void differentiate(std::vector<OutputValues>& outputs, const Shard& shard);
  void check_loss(const ObjectiveSums& sums);
  void add_in_shards(const Batch& batch, const RandomState& state);
  void take_numbers(std::span<const double> own);
  void predict_whole(std::span<const Batch* const> batches, RandomState state);
  [[noreturn]] void diverge(const std::string& what);

  Session& session_;
  std::optional<Ema>& ema_;
  Ranks& ranks_;
  ShardPasses passes_;
  RunningStatistics statistics_;
  GradientExchange exchange_;
  std::vector<Shape> weighed_;           // shapes of the outputs of the shard weighed last
  ObjectiveSums whole_;                  // of all shards of a step; empty if there is only one
  ObjectiveSums shard_sums_, sums_;      // of the shard added last, and of all added
  std::size_t shards_before_ = 0;        // of the batches added
  std::size_t batches_ = 0, added_ = 0;  // of the step
};

}  // namespace lucid
