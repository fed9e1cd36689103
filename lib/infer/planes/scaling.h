#pragma once
// Private to this room.

#include <algorithm>
#include <limits>

#include "data/statistics/normalization.h"

namespace lucid {

// Normalizes the values of one channel as Normalization::apply() does.
struct Scaling {
  float mean = 0, std = 1;
  float min = -std::numeric_limits<float>::infinity();
  float max = std::numeric_limits<float>::infinity();
  bool keeps_zeros = false;

  float of(float x) const {
    if (keeps_zeros && x == 0) return 0;
    return (std::min(std::max(x, min), max) - mean) / std;
  }
};

inline Scaling scaling_of(const Normalization& normalization, std::int64_t channel) {
  if (normalization.is_empty()) return {};
  const auto of = [&](const std::vector<float>& list) {
    return list.size() == 1 ? list[0] : list[static_cast<std::size_t>(channel)];
  };
  Scaling scaling{.mean = of(normalization.mean), .std = of(normalization.std)};
  if (!normalization.min.empty()) scaling.min = of(normalization.min);
  if (!normalization.max.empty()) scaling.max = of(normalization.max);
  scaling.keeps_zeros = normalization.keeps_zeros;
  return scaling;
}

}  // namespace lucid
