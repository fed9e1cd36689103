#pragma once

#include <span>
#include <vector>

#include "objective/objective_sums.h"
#include "plan/parameters.h"
#include "ranks/ranks.h"
#include "train/optimizer/gradient_sum.h"

namespace lucid {

// The sum of 2^level shards whose gradients are a node of the tree of all shards of a step.
struct ShardBlock {
  std::size_t first = 0, level = 0;
  std::size_t size() const { return std::size_t{1} << level; }
};

// The largest nodes of the tree that shards [begin, end) of a step make.
std::vector<ShardBlock> blocks_of(std::size_t begin, std::size_t end);

// Appends sums as numbers, and reads them again from the beginning of the list, which it shortens.
void append_sums(const ObjectiveSums& sums, std::vector<double>& list);
ObjectiveSums taken_sums(std::span<const double>& list);

// The gradients of a batch's blocks, of all ranks.
class GradientExchange {
 public:
  GradientExchange(Ranks& ranks, Parameters& parameters) : ranks_(ranks), parameters_(parameters) {}

  // Adds what the batch before has left, and makes room for the gradients of so many blocks of this
  // rank.
  void begin(GradientSum& sum, Engine& engine, std::size_t blocks);
  void put();  // the parameters' gradients, as those of the next block
  // Adds the blocks of a batch whose shards are number `first` to `first + count - 1` of the step,
  // by all ranks, to the sum. The last one is left in the parameters' gradients, to be added next.
  void add_to(GradientSum& sum, Engine& engine, std::size_t first, std::size_t count);
  void finish(GradientSum& sum);  // adds that one

 private:
  std::size_t gradient_bytes() const;
  void add_pending(GradientSum& sum, Engine& engine);
  void load(const std::byte* from);

  Ranks& ranks_;
  Parameters& parameters_;
  std::vector<std::byte> own_;
  std::size_t put_ = 0, pending_level_ = 0;
  bool is_pending_ = false;
};

}  // namespace lucid
