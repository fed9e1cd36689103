#include "objective/objective_sums.h"

#include <algorithm>
#include <cmath>

namespace lucid {

ObjectiveSums& ObjectiveSums::operator+=(const ObjectiveSums& other) {
  of_losses.resize(other.of_losses.size());
  for (std::size_t i = 0; i < of_losses.size(); ++i) {
    if (of_losses[i].empty()) of_losses[i].resize(other.of_losses[i].size());  // with zeros
    for (std::size_t k = 0; k < of_losses[i].size(); ++k) of_losses[i][k] += other.of_losses[i][k];
  }
  return *this;
}

void ObjectiveSums::clear() {
  for (std::vector<double>& sums : of_losses) sums.clear();
}

void ObjectiveSums::append_to(std::vector<double>& numbers) const {
  numbers.push_back(static_cast<double>(of_losses.size()));
  for (const std::vector<double>& sums : of_losses) {
    numbers.push_back(static_cast<double>(sums.size()));
    numbers.insert(numbers.end(), sums.begin(), sums.end());
  }
}

ObjectiveSums ObjectiveSums::taken_from(std::span<const double>& numbers) {
  const auto take = [&](std::size_t count) {
    const auto taken = numbers.first(count);
    numbers = numbers.subspan(count);
    return taken;
  };
  ObjectiveSums all;
  all.of_losses.resize(static_cast<std::size_t>(take(1)[0]));
  for (std::vector<double>& sums : all.of_losses) {
    const auto of_loss = take(static_cast<std::size_t>(take(1)[0]));
    sums.assign(of_loss.begin(), of_loss.end());
  }
  return all;
}

bool ObjectiveSums::is_finite() const {
  return std::ranges::all_of(of_losses, [](const std::vector<double>& sums) {
    return std::ranges::all_of(sums, [](double sum) { return std::isfinite(sum); });
  });
}

}  // namespace lucid
