#pragma once

#include "kernels/simd/clones.h"

// The transforms of Winograd's F(4, 3) along one axis, for the points 0, 1, -1, 2, -2 and infinity
// where outputs are computed.
// Value is a float or a vector of the lanes of a voxel.
namespace lucid::winograd {

struct OutputPoints {
  static constexpr float kNear = 1, kFar = 2;

  // Transforms the six input voxels that four outputs read.
  template <class Value>
  static LUCID_INLINE void transform(const Value (&d)[6], Value (&t)[6]) {
    const Value even = d[4] - 4.F * d[2], odd = d[3] - 4.F * d[1];
    const Value far_even = d[4] - d[2], far_odd = 2.F * (d[3] - d[1]);
    t[0] = 4.F * (d[0] - d[2]) + far_even;
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = far_even + far_odd;
    t[4] = far_even - far_odd;
    t[5] = 4.F * d[1] - 5.F * d[3] + d[5];
  }
};

// Computes four outputs from six transformed elements.
template <class Value>
LUCID_INLINE void inverse_transform(const Value (&t)[6], Value (&y)[4]) {
  const Value near_sum = t[1] + t[2], near_difference = t[1] - t[2];
  const Value far_sum = t[3] + t[4], far_difference = t[3] - t[4];
  y[0] = t[0] + near_sum + far_sum;
  y[1] = near_difference + 2.F * far_difference;
  y[2] = near_sum + 4.F * far_sum;
  y[3] = near_difference + 8.F * far_difference + t[5];
}

// Transforms the three taps of a filter.
template <class Value>
LUCID_INLINE void transform(const Value (&w)[3], Value (&t)[6]) {
  constexpr float kSixth = 1.F / 6;
  const Value even = kSixth * (w[0] + w[2]), odd = kSixth * w[1];
  const Value far_even = kSixth * (0.25F * w[0] + w[2]), far_odd = 0.5F * odd;
  t[0] = 0.25F * w[0];
  t[1] = -(even + odd);
  t[2] = odd - even;
  t[3] = far_even + far_odd;
  t[4] = far_even - far_odd;
  t[5] = w[2];
}

// The transforms of a weight gradient, for the points 0, a, -a, b, -b and infinity. Its sums are
// longer than those of outputs by far, and these points amplify their rounding least: the worst of
// three taps by 2.7 an axis, where 1 and 2 amplify it by 4.9. The squares are exact, too.
struct GradientPoints {
  static constexpr float kNear = 0.75F, kFar = 1.5F;  // a and b
  static constexpr float kNearSquare = kNear * kNear, kFarSquare = kFar * kFar;

  // Transforms the six input voxels that four outputs read.
  template <class Value>
  static LUCID_INLINE void transform(const Value (&d)[6], Value (&t)[6]) {
    constexpr float kSum = kNearSquare + kFarSquare, kProduct = kNearSquare * kFarSquare;
    const Value even = d[4] - kFarSquare * d[2], odd = d[3] - kFarSquare * d[1];
    const Value far_even = d[4] - kNearSquare * d[2], far_odd = d[3] - kNearSquare * d[1];
    t[0] = kProduct * d[0] - kSum * d[2] + d[4];
    t[1] = even + kNear * odd;
    t[2] = even - kNear * odd;
    t[3] = far_even + kFar * far_odd;
    t[4] = far_even - kFar * far_odd;
    t[5] = kProduct * d[1] - kSum * d[3] + d[5];
  }

  // Transforms the gradients of four outputs.
  template <class Value>
  static LUCID_INLINE void transform(const Value (&g)[4], Value (&t)[6]) {
    const Value even = g[0] + kNearSquare * g[2], odd = g[1] + kNearSquare * g[3];
    const Value far_even = g[0] + kFarSquare * g[2], far_odd = g[1] + kFarSquare * g[3];
    t[0] = g[0];
    t[1] = even + kNear * odd;
    t[2] = even - kNear * odd;
    t[3] = far_even + kFar * far_odd;
    t[4] = far_even - kFar * far_odd;
    t[5] = g[3];
  }

  // Computes the gradients of three taps from six transformed elements.
  template <class Value>
  static LUCID_INLINE void inverse_transform(const Value (&t)[6], Value (&w)[3]) {
    constexpr float kApart = 2 * (kFarSquare - kNearSquare);
    constexpr float kOfZero = 1 / (kNearSquare * kFarSquare);
    constexpr float kOfNear = -1 / (kNearSquare * kApart), kOfFar = 1 / (kFarSquare * kApart);
    const Value near_sum = kOfNear * (t[1] + t[2]), far_sum = kOfFar * (t[3] + t[4]);
    w[0] = kOfZero * t[0] + near_sum + far_sum;
    w[1] = kOfNear * kNear * (t[1] - t[2]) + kOfFar * kFar * (t[3] - t[4]);
    w[2] = kNearSquare * near_sum + kFarSquare * far_sum + t[5];
  }
};

// Transforms what fewer outputs or taps read, by the first three or four of the points alone. The
// transforms of taps and the inverse ones are those of all points, with the other elements at zero.
template <class Points, class Value>
LUCID_INLINE void transform_by_three(const Value (&d)[6], Value (&t)[6]) {
  constexpr float kNear = Points::kNear, kNearSquare = kNear * kNear;
  constexpr float kFarSquare = Points::kFar * Points::kFar;
  constexpr float kApart = kNearSquare - kFarSquare;
  const Value even = kApart * d[2], odd = kApart * kNear * d[1];
  t[0] = kFarSquare * (kNearSquare * d[0] - d[2]);
  t[1] = even + odd;
  t[2] = even - odd;
}

template <class Points, class Value>
LUCID_INLINE void transform_by_four(const Value (&d)[6], Value (&t)[6]) {
  constexpr float kNear = Points::kNear, kFar = Points::kFar, kNearSquare = kNear * kNear;
  constexpr float kSum = kFar + kNear, kDifference = kFar - kNear;
  const Value odd = kFar * (d[3] - kNearSquare * d[1]);
  const Value outer = d[3] - kNear * kFar * d[1], inner = kNear * kFar * d[1] + d[3];
  t[0] = odd - kFar * kFar * (d[2] - kNearSquare * d[0]);
  t[1] = kSum * (outer - kDifference * d[2]);
  t[2] = kDifference * (inner - kSum * d[2]);
  t[3] = 2.F * odd;
}

}  // namespace lucid::winograd
