#include "kernels/simd/finite.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>

#include "kernels/simd/clones.h"

namespace lucid {
namespace {

// Without sign, floats compare as the integers of their bits do, and a NaN is above infinity.
LUCID_CLONED(std::int32_t, largest_magnitude, (const float* values, std::size_t count),
             (values, count)) {
  std::int32_t largest = 0;
#pragma omp simd reduction(max : largest)
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t magnitude = std::bit_cast<std::int32_t>(values[i]) & 0x7fffffff;
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest;
}

}  // namespace

bool all_within(std::span<const float> values, float largest) {
  constexpr std::size_t kBlock = 1 << 16;
  const auto most = std::bit_cast<std::int32_t>(largest);
  for (std::size_t at = 0; at < values.size(); at += kBlock)
    if (largest_magnitude(values.data() + at, std::min(kBlock, values.size() - at)) > most)
      return false;
  return true;
}

bool is_finite(std::span<const float> values) {
  return all_within(values, std::numeric_limits<float>::max());
}

}  // namespace lucid
