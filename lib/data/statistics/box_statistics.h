#pragma once
// Private to this room.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <utility>

#include "data/statistics/moments.h"
#include "data/statistics/order_keys.h"
#include "data/statistics/statistics.h"

namespace lucid {

using Labels = std::map<std::int64_t, std::int64_t>;

template <class T>
Moments moments_of(std::span<const T> values) {
  Moments of;
  double sum = 0;
  for (const T value : values) {
    if (!is_countable(value)) continue;
    const auto number = static_cast<double>(value);
    sum += number;
    of.min = std::min(of.min, number);
    of.max = std::max(of.max, number);
    ++of.count;
  }
  of.not_finite = std::ssize(values) - of.count;
  if (of.count == 0) return of;
  of.mean = sum / static_cast<double>(of.count);
  for (const T value : values)
    if (is_countable(value)) {
      const double difference = static_cast<double>(value) - of.mean;
      of.squares += difference * difference;
    }
  return of;
}

// Adds runs of equal values, and stops when there are too many different ones. Returns false if one
// is too large for a label.
template <class T>
bool count_labels(std::span<const T> values, Labels& labels) {
  for (std::size_t i = 0; i < values.size() && labels.size() <= kMostLabels;) {
    const std::size_t begin = i;
    if (!std::in_range<std::int64_t>(values[begin])) return false;
    while (i < values.size() && values[i] == values[begin]) ++i;
    labels[static_cast<std::int64_t>(values[begin])] += static_cast<std::int64_t>(i - begin);
  }
  return true;
}

// The smallest and the largest integer, as double cannot hold all of them.
template <class T>
struct ExactRange {
  T low = std::numeric_limits<T>::max(), high = std::numeric_limits<T>::lowest();

  void add(std::span<const T> values) {
    for (const T value : values) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  void add(const ExactRange& other) {
    low = std::min(low, other.low);
    high = std::max(high, other.high);
  }
};

}  // namespace lucid
