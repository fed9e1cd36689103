#pragma once

#include <string>

#include "support/reference.h"

// Normalizations and dropout as plain loops in double precision.
namespace lucid::test {

// The values of (N, C, ...) that share a mean and a variance: this many channels of this many
// samples.
struct SharedStatistics {
  std::size_t samples, channels;
};

struct Moments {
  std::vector<double> mean, variance;  // by set; the variance divided by the count
  double count;                        // of values in a set
};

Moments moments(const Array& x, const SharedStatistics& shared);

// (x - mean) / sqrt(variance + eps)
Array normalized(const Array& x, const SharedStatistics& shared, const Moments& m, double eps);

// The gradient of x from that of normalized(), through the statistics.
Array normalized_gradient(const Array& x, const SharedStatistics& shared, const Moments& m,
                          double eps, const Array& dy);

// A factor and a term a channel.
Array channel_affine(const Array& x, const Array& weight, const Array& bias);

// Returns the factor of every value of (N, C, ...): 0 or 1 / (1 - p), for each value or for the
// whole channel of a sample.
enum class Dropped { kValues, kChannels };
Array dropout_factors(const Shape& shape, Dropped what, double p, std::uint64_t seed,
                      std::uint64_t draw, const std::string& layer);

Array product(const Array& a, const Array& b);

}  // namespace lucid::test
