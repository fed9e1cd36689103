#include "objective/objective_sums.h"

#include <algorithm>
#include <cmath>

namespace lucid {

ObjectiveSums& ObjectiveSums::operator+=(const ObjectiveSums& other) {
  of_losses.resize(other.of_losses.size());
  for (std::size_t i = 0; i < of_losses.size(); ++i) {
    of_losses[i].resize(other.of_losses[i].size());  // new elements are 0
    for (std::size_t k = 0; k < of_losses[i].size(); ++k) of_losses[i][k] += other.of_losses[i][k];
  }
  return *this;
}

void ObjectiveSums::clear() {
  for (std::vector<double>& sums : of_losses) sums.clear();
}

bool ObjectiveSums::is_finite() const {
  return std::ranges::all_of(of_losses, [](const std::vector<double>& sums) {
    return std::ranges::all_of(sums, [](double sum) { return std::isfinite(sum); });
  });
}

}  // namespace lucid
