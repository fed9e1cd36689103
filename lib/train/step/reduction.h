#pragma once

#include <span>
#include <utility>
#include <vector>

#include "ranks/ranks.h"
#include "train/step/gradient_sum.h"
#include "train/step/shard_block.h"

namespace lucid {

// Buckets of gradients, in bytes: the first is small so that the exchange begins early, the last so
// that little is left when the backward pass ends with the first layers' gradients, which are
// small; the others take what 10 Gbit/s carry in a few milliseconds, long against a message's
// latency.
inline constexpr std::size_t kFirstBucket = std::size_t{1} << 20, kBucket = std::size_t{4} << 20,
                             kLastBucket = std::size_t{1} << 18;

// A range of gradients.
struct Bucket {
  std::size_t begin, end;
  std::size_t size() const { return end - begin; }
};

// The buckets of so many gradients.
std::vector<Bucket> buckets_of(std::size_t count);

// Adds up the gradients of a batch's shards over all ranks: each rank adds up a piece of a bucket,
// in the tree of the shards, and then, behind the last batch of a step, gives it to all. Where the
// ranks are 2^k and each has one node of the tree, pieces are halved k times between pairs of
// ranks, instead of sent from all to all; the tree, and so the bits, are the same.
class GradientReduction {
 public:
  // The shards of the batch are number `first` to `first + count - 1` of the step. `own` has the
  // gradients of this rank's blocks, all of them; the last are overwritten by the sum. `sum` holds
  // this rank's pieces of the batches before.
  GradientReduction(Ranks& ranks, GradientSum& sum, std::vector<std::span<float>> own,
                    std::size_t first, std::size_t count, bool is_last_of_step);

  // All ranks call it for the same buckets in the same order. `gradients` is of all of them, in
  // which the sum of the step lies in the end.
  void run(const Bucket& bucket, std::span<float> gradients);

 private:
  Bucket piece(const Bucket& bucket, int rank) const;
  bool can_be_halved() const;
  void send_pieces(const Bucket& bucket);
  void add_pieces(const Bucket& bucket, std::span<float> gradients);
  void gather_pieces(const Bucket& bucket, std::span<float> gradients);
  void halve(Bucket bucket, std::span<float> gradients);

  Ranks& ranks_;
  GradientSum& sum_;
  std::vector<std::span<float>> own_;
  std::size_t first_;
  bool is_last_of_step_, is_halved_;
  std::vector<std::vector<ShardBlock>> blocks_;  // by rank
  std::vector<float> received_;
};

}  // namespace lucid
