#pragma once
// Private to this room.

#include <optional>
#include <span>

#include "base/json.h"

namespace lucid {

enum class Reduction { kMean, kSum };

// Reads "reduction", and accepts PyTorch's deprecated size_average and reduce as null.
Reduction read_reduction(JsonObject&);

// Returns the factor of a sum over targets of that total weight: `factor`, or for a mean
// factor / weight, which is 0 where nothing counts.
double scale_of(Reduction reduction, double weight, double factor = 1);

// Most losses keep two sums: that over targets, and the weight of these targets. Returns their
// loss, or nothing where nothing counts.
std::optional<double> reduced(Reduction reduction, std::span<const double> sums);

// Returns scale_of() the weight among the sums `whole` or, if these are empty, of `weight`.
double scale_of_whole(Reduction reduction, std::span<const double> whole, double weight);

}  // namespace lucid
