#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

namespace lucid {

// Thrown when a number of a run is not finite; the trainer says where the run stood.
struct Divergence {
  std::string what;
  bool is_within_step = false;
};

inline bool is_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

}  // namespace lucid
