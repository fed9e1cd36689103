#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

namespace lucid {

// Is thrown when a loss, gradient or parameter is not finite; the trainer adds the position of the
// run.
struct Divergence {
  std::string what;
  bool is_within_step = false;
  bool is_in_data = false;  // a sample is not finite: the parameters are as sound as before
};

inline bool is_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

}  // namespace lucid
