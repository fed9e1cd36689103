#pragma once

#include <span>
#include <vector>

#include "tensor/storage.h"

namespace lucid {

// Adds up the gradients of the shards of a step, each a part of the gradient of one batch of all
// their samples, in a fixed binary tree: neighbours first, then pairs of them, and so on; what has
// no neighbour of its size waits for the end. Keeps a copy of all gradients for each level of the
// tree that is in use. Any range of the gradients may be ahead of the others.
class GradientSum {
 public:
  // `count` gradients there are in all. Adds with all threads, or only with the calling one.
  void begin(std::size_t count, bool in_parallel = true);
  // Adds the gradients from number `begin` on of 2^level shards, of which `before` shards of the
  // step were added before; it overwrites `values`.
  void add(std::span<float> values, std::size_t begin, std::size_t before, std::size_t level = 0);
  // Adds what waits of the shards before to the last ones'.
  void finish(std::span<float> values, std::size_t begin, std::size_t before);

  // How many copies so many shards take.
  static std::size_t levels(std::size_t shards);

 private:
  void add_level(std::span<float> values, std::size_t begin, std::size_t level) const;
  template <class Work>
  void for_blocks(std::size_t count, const Work& work) const;
  float* sums(std::size_t level) const { return reinterpret_cast<float*>(levels_[level].get()); }

  std::vector<Storage> levels_;  // the sums of 2^level shards; null where none were
  std::size_t count_ = 0;
  bool in_parallel_ = true;
};

}  // namespace lucid
