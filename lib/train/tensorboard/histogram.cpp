#include "train/tensorboard/histogram.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace lucid {
namespace {

// The exponent of a float and the first bits of its mantissa are its bucket: magnitudes in order.
constexpr unsigned kMantissaBits = 23, kKeptBits = 2, kDroppedBits = kMantissaBits - kKeptBits;
constexpr std::uint32_t kSign = 0x80000000U;
constexpr std::size_t kMagnitudes = std::size_t{255} << kKeptBits;  // 255 exponents are finite

// Buckets from the lowest number to the highest: negative magnitudes downwards, then positive ones
// upwards. Zero is with the smallest positive ones.
std::size_t bucket_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto magnitude = static_cast<std::size_t>((bits & ~kSign) >> kDroppedBits);
  return (bits & kSign) != 0 && value != 0 ? kMagnitudes - 1 - magnitude : kMagnitudes + magnitude;
}

// Returns the smallest magnitude of those of that index, or infinity behind the last.
double magnitude_at(std::size_t index) {
  return static_cast<double>(
      std::bit_cast<float>(static_cast<std::uint32_t>(index) << kDroppedBits));
}

double upper_limit(std::size_t bucket) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  if (bucket < kMagnitudes) return -magnitude_at(kMagnitudes - 1 - bucket);
  return std::min(magnitude_at(bucket - kMagnitudes + 1), kLargest);
}

struct Moments {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  double count = 0, sum = 0, sum_of_squares = 0;

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
    ++count;
    sum += value;
    sum_of_squares += value * value;
  }
};

}  // namespace

Message histogram(std::span<const float> values) {
  std::array<double, 2 * kMagnitudes> counts{};
  Moments moments;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    ++counts[bucket_of(value)];
    moments.add(static_cast<double>(value));
  }
  std::vector<double> limits, heights;
  if (moments.count > 0) {
    const std::size_t last = bucket_of(static_cast<float>(moments.high));
    for (std::size_t i = bucket_of(static_cast<float>(moments.low)); i <= last; ++i) {
      // A gap is one bucket, however wide.
      if (counts[i] == 0 && !heights.empty() && heights.back() == 0) {
        limits.back() = upper_limit(i);
        continue;
      }
      limits.push_back(upper_limit(i));
      heights.push_back(counts[i]);
    }
  } else {
    moments.low = moments.high = 0;
  }
  Message proto;
  proto.number(1, moments.low).number(2, moments.high).number(3, moments.count);
  proto.number(4, moments.sum).number(5, moments.sum_of_squares);
  return proto.numbers(6, limits).numbers(7, heights);
}

}  // namespace lucid
