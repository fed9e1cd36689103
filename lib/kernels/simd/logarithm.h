#pragma once

#include <bit>
#include <cstdint>

#include "kernels/simd/clones.h"

namespace lucid {

// The natural logarithm as straight code that compilers turn into vectors, to about 1e-7; x is
// positive and normal.
LUCID_INLINE float log_of(float x) {
  // The exponent is chosen so that the rest lies between the roots of 1/2 and 2.
  constexpr std::uint32_t kRootOfHalf = 0x3f3504f3U, kMantissa = 0x7fffffU;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x) - kRootOfHalf;
  const auto exponent = static_cast<float>(static_cast<std::int32_t>(bits) >> 23);
  const auto rest = std::bit_cast<float>((bits & kMantissa) + kRootOfHalf);
  const float s = (rest - 1) / (rest + 1), z = s * s;
  const float series = 2 + z * (2.F / 3 + z * (2.F / 5 + z * (2.F / 7 + z * (2.F / 9))));
  return exponent * 0.693147181F + s * series;
}

}  // namespace lucid
