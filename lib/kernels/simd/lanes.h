#pragma once

#include <cstdint>

#include "kernels/simd/bfloat16.h"

namespace lucid {

// The lanes of a voxel as one value, which compilers keep in registers where they spill arrays.
template <int kLanes>
struct Lanes {
  template <class Number>
  using Of __attribute__((vector_size(kLanes * sizeof(Number)), may_alias)) = Number;
  using Floats = Of<float>;
  using Integers = Of<std::int32_t>;
};

template <>
struct Lanes<1> {
  template <class Number>
  using Of = Number;
  using Floats = float;
  using Integers = std::int32_t;
};

// A vector at any address, where one behind a pointer would have to be aligned. By reference:
// vectors that are returned change with the instruction set.
template <class Vector>
LUCID_INLINE void load_vector(const void* from, Vector& to) {
  __builtin_memcpy(&to, from, sizeof to);
}
template <class Vector>
LUCID_INLINE void store_vector(const Vector& values, void* to) {
  __builtin_memcpy(to, &values, sizeof values);
}

// The lanes at a voxel, as floats.
template <int kLanes>
LUCID_INLINE void load_lanes(const float* from, typename Lanes<kLanes>::Floats& to) {
  load_vector(from, to);
}
template <int kLanes>
LUCID_INLINE void load_lanes(const Bfloat16* from, typename Lanes<kLanes>::Floats& to) {
  if constexpr (kLanes == 1) {
    to = to_float(*from);
  } else {
    using Halves = typename Lanes<kLanes>::template Of<std::uint16_t>;
    using Words = typename Lanes<kLanes>::template Of<std::uint32_t>;
    Halves halves;
    load_vector(from, halves);
    const Words words = __builtin_convertvector(halves, Words) << 16;
    to = reinterpret_cast<const typename Lanes<kLanes>::Floats&>(words);
  }
}

template <int kLanes>
LUCID_INLINE void store_lanes(const typename Lanes<kLanes>::Floats& values, float* to) {
  store_vector(values, to);
}
template <int kLanes>
LUCID_INLINE void store_lanes(const typename Lanes<kLanes>::Floats& values, Bfloat16* to) {
  if constexpr (kLanes == 1) {
    *to = from_float<Bfloat16>(values);
  } else {  // as from_float()
    using Halves = typename Lanes<kLanes>::template Of<std::uint16_t>;
    using Words = typename Lanes<kLanes>::template Of<std::uint32_t>;
    using Integers = typename Lanes<kLanes>::Integers;
    const auto& words = reinterpret_cast<const Words&>(values);
    const Integers magnitude = reinterpret_cast<const Integers&>(values) & 0x7fffffff;
    const Words rounded = words + 0x7fffU + ((words >> 16) & 1U);
    const Words bits = magnitude > 0x7f800000 ? words | 0x400000U : rounded;
    store_vector(__builtin_convertvector(bits >> 16, Halves), to);
  }
}

}  // namespace lucid
