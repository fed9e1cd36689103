#pragma once

#include <vector>

#include "plan/parameters.h"

namespace lucid {

// Makes the gradients of several batches into that of one batch of all their samples, of which a
// loss is the mean. Keeps a buffer a gradient, made when first needed.
class GradientSum {
 public:
  // Adds the gradients of a batch, after which they may be overwritten by the next one's.
  void add(Engine& engine, Parameters& parameters, std::int64_t samples);
  // The parameters' gradients, those of a batch of `samples`, become those of all. Where nothing
  // was added they stay as they are, bit by bit.
  void finish(Parameters& parameters, std::int64_t samples);

 private:
  std::vector<Tensor> sums_;  // by gradient, in units of a sample's gradient
  std::int64_t samples_ = 0;
};

}  // namespace lucid
