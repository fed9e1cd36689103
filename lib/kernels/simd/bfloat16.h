#pragma once

#include <bit>
#include <cstdint>

#include "kernels/simd/clones.h"

namespace lucid {

// The upper half of a float: its range, with 8 bits of precision. Kernels read and write it, and
// compute in float.
struct Bfloat16 {
  std::uint16_t bits = 0;
};

LUCID_INLINE float to_float(float value) { return value; }
LUCID_INLINE float to_float(Bfloat16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16U);
}

// Rounds to the nearest value, and to the even one of two. A NaN stays one.
template <class Number>
LUCID_INLINE Number from_float(float value);
template <>
LUCID_INLINE float from_float(float value) {
  return value;
}
template <>
LUCID_INLINE Bfloat16 from_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  constexpr std::uint32_t kInfinity = 0x7f800000, kQuiet = 0x00400000, kHalf = 0x7fff;
  const bool is_nan = (bits & ~0x80000000U) > kInfinity;
  const std::uint32_t rounded = bits + kHalf + ((bits >> 16U) & 1U);
  return {static_cast<std::uint16_t>((is_nan ? bits | kQuiet : rounded) >> 16U)};
}

// Convert `count` elements: meant for blocks that stay in the first cache.
void to_floats(std::int64_t count, const Bfloat16* from, float* to);
void to_bfloat16s(std::int64_t count, const float* from, Bfloat16* to);

}  // namespace lucid
