#pragma once

#include <span>
#include <vector>

namespace lucid {

// What the losses of an objective add up over batches, a list of sums per loss. The loss of a set
// follows from them; it is that of one batch of all samples, however they were divided.
struct ObjectiveSums {
  std::vector<std::vector<double>> of_losses;  // inner lists are empty before the first batch

  ObjectiveSums& operator+=(const ObjectiveSums& other);
  void clear();  // keeps the memory
  // Appends the sums as numbers; the other one reads them from the front of a list, which it
  // shortens.
  void append_to(std::vector<double>& numbers) const;
  static ObjectiveSums taken_from(std::span<const double>& numbers);
  bool is_finite() const;  // if not, a prediction or a target is not
};

}  // namespace lucid
