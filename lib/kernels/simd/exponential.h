#pragma once

#include <bit>
#include <cstdint>

#include "kernels/simd/clones.h"

// The exponential and its kin as straight code that compilers turn into vectors, within 2 ulps or
// so of the exact value. A NaN stays a NaN.
namespace lucid {

// exp(x) - 1 = scale * rest + (scale - 1) and exp(x) = scale * rest + scale: scale is a power of
// two, rest = exp(r) - 1 for the |r| <= log(2) / 2 that is left. For x in [-87, 88].
struct ReducedExponential {
  float scale, rest;
};

LUCID_INLINE ReducedExponential reduced_exponential(float x) {
  constexpr float kPerUnit = 1.44269504F;                              // 1 / log(2)
  constexpr float kLogHigh = 0.693359375F, kLogLow = -2.12194440e-4F;  // log(2) in two parts
  constexpr float kToInteger = 12582912.F;  // 1.5 * 2^23: a float this large holds no fraction
  constexpr std::uint32_t kExponentBias = 127;
  const float shifted = x * kPerUnit + kToInteger;
  const float power = shifted - kToInteger;
  const float r = x - power * kLogHigh - power * kLogLow;
  float series = 1.98756915e-4F;  // Cephes' polynomial for (exp(r) - 1 - r) / r^2
  series = series * r + 1.39819995e-3F;
  series = series * r + 8.33345191e-3F;
  series = series * r + 4.16657960e-2F;
  series = series * r + 1.66666655e-1F;
  series = series * r + 5.00000012e-1F;
  const std::uint32_t exponent = std::bit_cast<std::uint32_t>(shifted) + kExponentBias;
  return {std::bit_cast<float>(exponent << 23), series * r * r + r};
}

// Computes exp(x) for x <= 0. It is 0 below -87, where normal floats end.
LUCID_INLINE float exp_of_negative(float x) {
  constexpr float kLowest = -87.F;
  const ReducedExponential e = reduced_exponential(x < kLowest ? kLowest : x);
  const float value = e.scale * e.rest + e.scale;
  return x < kLowest ? 0.F : value;
}

// exp(x) - 1 for x <= 0, exact near 0, too.
LUCID_INLINE float expm1_of_negative(float x) {
  constexpr float kLowest = -87.F;
  const ReducedExponential e = reduced_exponential(x < kLowest ? kLowest : x);
  return e.scale * e.rest + (e.scale - 1.F);
}

// log(1 + x) for x from 0 to 1: 2 artanh(z), whose series falls by 9 or more a term.
LUCID_INLINE float log1p_of_share(float x) {
  const float z = x / (2.F + x), square = z * z;
  float series = 1.F / 13;
  series = series * square + 1.F / 11;
  series = series * square + 1.F / 9;
  series = series * square + 1.F / 7;
  series = series * square + 1.F / 5;
  series = series * square + 1.F / 3;
  return 2.F * z * (series * square + 1.F);
}

LUCID_INLINE float magnitude(float x) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & 0x7fffffffU);
}

LUCID_INLINE float with_sign_of(float sign, float value) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) |
                              (std::bit_cast<std::uint32_t>(sign) & 0x80000000U));
}

LUCID_INLINE float sigmoid_of(float x) {
  const float power = exp_of_negative(-magnitude(x));
  return (x < 0.F ? power : 1.F) / (1.F + power);
}

LUCID_INLINE float tanh_of(float x) {
  const float power = expm1_of_negative(-2.F * magnitude(x));  // from -1 to 0
  return with_sign_of(x, (0.F - power) / (power + 2.F));
}

// The share of the normal distribution below x. Of the complementary error function's many
// approximations this one (Numerical Recipes, erfcc) has a relative error of 1.2e-7 everywhere.
LUCID_INLINE float normal_share_below(float x) {
  constexpr float kHalfRoot = 0.707106781F;
  const float z = magnitude(x) * kHalfRoot, t = 1.F / (1.F + 0.5F * z);
  float series = 0.17087277F;
  series = series * t - 0.82215223F;
  series = series * t + 1.48851587F;
  series = series * t - 1.13520398F;
  series = series * t + 0.27886807F;
  series = series * t - 0.18628806F;
  series = series * t + 0.09678418F;
  series = series * t + 0.37409196F;
  series = series * t + 1.00002368F;
  series = series * t - 1.26551223F;
  const float tail = 0.5F * t * exp_of_negative(series - z * z);
  return x < 0.F ? tail : 1.F - tail;
}

}  // namespace lucid
