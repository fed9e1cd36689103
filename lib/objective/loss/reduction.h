#pragma once
// Private to this room.

#include <span>

#include "base/json.h"

namespace lucid {

enum class Reduction { kMean, kSum };

// Reads "reduction", and accepts PyTorch's deprecated size_average and reduce as null.
Reduction read_reduction(JsonObject&);

// The factor of a sum over targets of that total weight: 1, or 1 / weight for a mean, which is 0
// where nothing counts.
double scale_of(Reduction reduction, double weight);

// The loss of a loss's sums() that are a sum over targets and the weight of these targets.
inline double reduced(Reduction reduction, std::span<const double> sums) {
  return sums[0] * scale_of(reduction, sums[1]);
}

}  // namespace lucid
