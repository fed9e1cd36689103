#pragma once

#include <memory>

#include "layers/convolution/problem/route.h"

namespace lucid {

// Computes a weight gradient by oneDNN part by part, and adds the parts: oneDNN's kernels add one
// product after the other to the same float, so that the error of a long sum grows with its length.
// Parts are some samples, or where one sample is long, some planes of it, which are copied.
class OneDnnParts {
 public:
  // Whether the sums are so long that parts pay, and oneDNN computes parts as it does the whole.
  static bool are_needed(const dnnl::engine& engine, const Problem& problem);
  static Recorded record(PlanBuilder& b, const Problem& problem, const Operands& operands);
};

}  // namespace lucid
