#pragma once

#include <functional>
#include <vector>

#include "data/loader/loader.h"
#include "data/loader/shard.h"
#include "train/session/session.h"

namespace lucid {

// A shard behind its forward pass: `number` counts those of the batch.
struct ShardPass {
  const Shard& shard;
  std::size_t number;
  std::vector<OutputValues>& outputs;  // whose gradients the backward pass begins with
};

// Runs the forward and backward passes of this rank's shards of a batch: one after another or,
// where the norms of the network need the statistics of all shards, side by side, each in a plan of
// its own, all ranks at the same layer.
class ShardPasses {
 public:
  // Both must outlive it.
  ShardPasses(Session& session, Ranks& ranks) : session_(session), ranks_(ranks) {}

  using Visit = std::function<void(ShardPass)>;
  // As Plan::Completed, of a shard.
  using Completed = std::function<void(std::size_t number, std::size_t end)>;
  // Calls visit() for each shard when it was predicted, with the buffers that this has left in the
  // parameters, then runs the backward pass, unless `completed` is empty. `state` is of the batch.
  void run(const Batch& batch, const RandomState& state, const Visit& visit,
           const Completed& completed = {});
  // Predicts one shard, which need not be a part of a batch in shards.
  std::vector<OutputValues>& forward(const Shard& shard, const RandomState& state);
  void backward();  // of that shard

  std::size_t shard_limit() const;
  bool is_in_shards() const { return shard_limit() > 1; }
  Plan* last_plan() const { return last_plan_; }  // null before the first pass

 private:
  // What one of the shards side by side has to itself.
  struct Lane {
    Plan* plan = nullptr;
    std::vector<OutputValues> outputs{};  // of the plan
    std::vector<float> buffers{};         // of the parameters, as this shard leaves them
    Shape::Extent size = 0;
  };

  bool is_synchronized();
  RandomState state_of_shard(RandomState state, std::size_t number) const;
  void set_up(Lane& lane, std::size_t copy, const Shard& shard, const RandomState& state);
  void run_side_by_side(const Batch& batch, const RandomState& state, const Visit& visit,
                        const Completed& completed);
  void advance(Plan::Direction direction, std::size_t first, const Completed& completed);
  void run_on(Lane& lane, const Plan::Completed& completed);

  Session& session_;
  Ranks& ranks_;
  Plan* last_plan_ = nullptr;
  std::vector<Lane> lanes_{1};  // the first also serves shards one after another
  std::size_t used_lanes_ = 0;
};

// Copies the values of all buffers out of and into the parameters.
std::vector<float> buffer_values(const Parameters& parameters);
void set_buffer_values(Parameters& parameters, std::span<const float> values);

}  // namespace lucid
