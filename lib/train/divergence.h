#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <string>

#include "kernels/elementwise/within.h"

namespace lucid {

// Is thrown when a loss, gradient or parameter is not finite; the trainer adds the position of the
// run.
struct Divergence {
  std::string what;
  bool is_within_step = false;
};

inline bool is_finite(std::span<const float> values) {
  return all_within(values, std::numeric_limits<float>::max());
}

}  // namespace lucid
