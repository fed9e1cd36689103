#pragma once

#include <vector>

#include "plan/parameters.h"

namespace lucid {

// Adds up the gradients of several batches, each a part of the gradient of one batch of all their
// samples. Keeps one buffer per gradient, allocated by the first add().
class GradientSum {
 public:
  // Adds the gradients of a batch, after which they may be overwritten by the next one's.
  void add(Engine& engine, Parameters& parameters);
  // Adds those of the batches before to the parameters' gradients, which are of the last batch.
  // Without an add() before they stay bit-identical.
  void finish(Parameters& parameters);

 private:
  std::vector<Tensor> sums_;  // one per gradient
  bool is_empty_ = true;
};

}  // namespace lucid
