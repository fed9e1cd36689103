#pragma once

#include <vector>

#include "plan/parameters.h"

namespace lucid {

// Adds up the gradients of several shards, each a part of the gradient of one batch of all their
// samples, in a fixed binary tree: neighbours first, then pairs of them, and so on; what has no
// neighbour of its size waits for the end. Keeps a buffer for each level of the tree.
class GradientSum {
 public:
  // Adds the gradients of a shard, after which they may be overwritten by the next one's; or those
  // of 2^level shards at once, when as many or more were added before, or none.
  void add(Engine& engine, Parameters& parameters, std::size_t level = 0);
  // Adds those of the shards before to the parameters' gradients, which are of the last shard.
  // Without an add() before they stay bit-identical.
  void finish(Parameters& parameters);

  // How many buffers so many shards take.
  static std::size_t levels(std::size_t shards);

 private:
  void add_level(std::size_t level, Parameters& parameters);

  std::vector<std::vector<Tensor>> levels_;  // the sums of 2^level shards, one per gradient
  std::size_t count_ = 0;                    // of shards; its bits say which levels hold sums
};

}  // namespace lucid
