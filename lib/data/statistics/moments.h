#pragma once
// Private to this room.

#include <algorithm>
#include <cstdint>
#include <limits>

namespace lucid {

// Count, mean and sum of squared deviations, merged in a fixed order so that results are
// reproducible.
struct Moments {
  std::int64_t count = 0, not_finite = 0;
  double mean = 0, squares = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();

  // Merges as Chan, Golub and LeVeque do, without a difference of large sums.
  void add(const Moments& other) {
    not_finite += other.not_finite;
    if (other.count == 0) return;
    const auto part = static_cast<double>(other.count);
    const double total = static_cast<double>(count) + part;
    const double difference = other.mean - mean;
    squares += other.squares + difference * difference * static_cast<double>(count) * part / total;
    mean += difference * part / total;
    count += other.count;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
  }
};

}  // namespace lucid
