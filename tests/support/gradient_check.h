#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "base/rng.h"

namespace lucid::test {

// +1 or -1 for every element: no element's gradient can hide behind a larger one's.
inline std::vector<double> random_signs(std::size_t count, Rng rng) {
  std::vector<double> signs(count);
  for (double& sign : signs) sign = rng.below(2) == 0 ? -1.0 : 1.0;
  return signs;
}

template <class Value>
void move_along(std::span<Value> values, std::span<const double> direction, double distance) {
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<Value>(values[i] + distance * direction[i]);
}

template <class Left, class Right>
double dot(const Left& left, const Right& right) {
  double sum = 0;
  for (std::size_t i = 0; i < left.size(); ++i) sum += static_cast<double>(left[i]) * right[i];
  return sum;
}

// The step of central differences, and whether outputs are curved: a network of sums, maxima and
// kinks is linear in each of its tensors as long as no kink is crossed.
struct Step {
  double size;  // a power of two
  bool is_curved;
};

struct Slope {
  double value, error_bound;
};

// The central difference of what `outputs()`, weighted by `weights`, gains a unit of `direction`.
// Without curvature the only error is rounding: `error_bound` allows every output two ulps of its
// size and of 1, the size of the terms it may be the small rest of, and divides by the step as the
// difference does.
template <class Value, class Outputs>
Slope straight_slope(std::span<Value> values, std::span<const double> direction, double step,
                     std::span<const double> weights, const Outputs& outputs) {
  const std::vector<Value> kept(values.begin(), values.end());
  const auto measured_at = [&](double distance) {
    std::copy(kept.begin(), kept.end(), values.begin());
    move_along(values, direction, distance);
    return outputs();
  };
  const auto above = measured_at(step), below = measured_at(-step);
  std::copy(kept.begin(), kept.end(), values.begin());
  double size = 0;
  for (std::size_t i = 0; i < above.size(); ++i)
    size += std::abs(weights[i]) *
            (2 + std::abs(static_cast<double>(above[i])) + std::abs(static_cast<double>(below[i])));
  const double rounding = 2 * static_cast<double>(std::numeric_limits<Value>::epsilon());
  return {(dot(above, weights) - dot(below, weights)) / (2 * step), rounding * size / (2 * step)};
}

// The central difference of a curved output has an error of step^2, which Richardson extrapolation
// from two steps cancels; the difference of two such estimates bounds the remaining error.
template <class Value, class Outputs>
Slope slope(std::span<Value> values, std::span<const double> direction, Step step,
            std::span<const double> weights, const Outputs& outputs) {
  const auto over = [&](double size) {
    return straight_slope(values, direction, size, weights, outputs);
  };
  if (!step.is_curved) return over(step.size);
  const Slope whole = over(step.size), half = over(step.size / 2), quarter = over(step.size / 4);
  const double coarse = (4 * half.value - whole.value) / 3;
  const double fine = (4 * quarter.value - half.value) / 3;
  const double rounding = (4 * quarter.error_bound + half.error_bound) / 3;
  return {fine, std::abs(fine - coarse) + rounding};
}

}  // namespace lucid::test
