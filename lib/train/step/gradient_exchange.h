#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "plan/parameters.h"
#include "ranks/ranks.h"
#include "train/step/gradient_sum.h"
#include "train/step/reduction.h"
#include "train/step/shard_block.h"

namespace lucid {

// Adds up the gradients of all shards of a step, of all ranks, in Parameters::gradients(). Several
// ranks exchange them bucket by bucket, in a thread of its own while the backward pass goes on: a
// bucket is a range of the gradients, in the order in which the pass completes them.
class GradientExchange {
 public:
  // Without `overlaps` ranks exchange what they have when the backward pass has ended.
  GradientExchange(Ranks& ranks, Parameters& parameters, bool overlaps);
  ~GradientExchange();
  GradientExchange(const GradientExchange&) = delete;
  GradientExchange& operator=(const GradientExchange&) = delete;

  // A batch begins whose shards are number `first` to `first + count - 1` of the step. Waits for
  // the batch before.
  void begin(std::size_t first, std::size_t count, bool is_last_of_step);
  // Shard i of the batch, one of this rank's, has completed its gradients up to number `end`. Each
  // range must be told of before the next shard overwrites it.
  void completed(std::size_t i, std::size_t end);
  // Waits until the gradients are those of the step.
  void finish();

  double wait_seconds() const { return wait_seconds_; }  // of the calling thread, for the ranks

 private:
  void add(std::size_t i, std::span<float> values, std::size_t begin);
  void tell_ready(std::size_t end);
  void serve();
  void wait();

  Ranks& ranks_;
  Parameters& parameters_;
  const bool overlaps_;
  GradientSum block_sum_, sum_;     // of a block of this rank's shards; of the step
  std::vector<Storage> kept_;       // gradients of this rank's blocks but the last
  std::vector<std::size_t> ended_;  // by shard of this rank: what it has completed
  std::size_t first_ = 0, count_ = 0, own_begin_ = 0, own_end_ = 0;
  bool is_last_of_step_ = true;
  std::vector<ShardBlock> own_blocks_;
  std::optional<GradientReduction> reduction_;  // of the batch, by several ranks

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Bucket> buckets_;
  std::size_t ready_ = 0;      // up to which gradient
  std::size_t exchanged_ = 0;  // buckets
  bool is_over_ = false;
  std::exception_ptr failure_;
  double wait_seconds_ = 0;
  std::thread thread_;
};

}  // namespace lucid
