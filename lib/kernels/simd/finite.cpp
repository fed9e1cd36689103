#include "kernels/simd/finite.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "kernels/simd/clones.h"

namespace lucid {
namespace {

// The bits of a magnitude grow with it, and those of infinity and of a NaN are the largest.
constexpr std::uint32_t kMagnitude = 0x7fffffffU, kInfinity = 0x7f800000U;

LUCID_CLONES std::uint32_t largest_magnitude(const float* values, std::size_t count) {
  std::uint32_t largest = 0;
#pragma omp simd reduction(max : largest)
  for (std::size_t i = 0; i < count; ++i)
    largest = std::max(largest, std::bit_cast<std::uint32_t>(values[i]) & kMagnitude);
  return largest;
}

}  // namespace

bool is_finite(std::span<const float> values) {
  return largest_magnitude(values.data(), values.size()) < kInfinity;
}

}  // namespace lucid
