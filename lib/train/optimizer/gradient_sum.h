#pragma once

#include <vector>

#include "plan/parameters.h"

namespace lucid {

// Combines the gradients of several batches into that of one batch of all their samples, for losses
// that are means. Keeps one buffer per gradient, allocated by the first add().
class GradientSum {
 public:
  // Adds the gradients of a batch, after which they may be overwritten by the next one's.
  void add(Engine& engine, Parameters& parameters, std::int64_t samples);
  // Replaces the parameters' gradients, which are of a batch of `samples`, by those of all batches.
  // Without an add() before they stay bit-identical.
  void finish(Parameters& parameters, std::int64_t samples);

 private:
  std::vector<Tensor> sums_;  // sums over samples, one per gradient
  std::int64_t samples_ = 0;
};

}  // namespace lucid
