#pragma once

#include <cstdint>

#include "kernels/simd/bfloat16.h"

namespace lucid {

template <class Element, int kLanes>
struct VectorType {
  using Type __attribute__((vector_size(kLanes * sizeof(Element)), may_alias)) = Element;
};
template <class Element>
struct VectorType<Element, 1> {
  using Type = Element;
};

// kLanes elements as one value, which compilers keep in registers where they spill arrays. One
// lane is a scalar. Operators work lane by lane; a product and a sum become one fused instruction
// where a file is compiled with -ffp-contract=fast.
template <class Element, int kLanes>
using Vector = typename VectorType<Element, kLanes>::Type;
template <int kLanes>
using Floats = Vector<float, kLanes>;
template <int kLanes>
using Integers = Vector<std::int32_t, kLanes>;

// Load and store work at any address, where a dereferenced pointer to a vector would have to be
// aligned. Results are references: how a vector is returned depends on the instruction set.
template <class V>
LUCID_INLINE void load_vector(const void* from, V& to) {
  __builtin_memcpy(&to, from, sizeof to);
}
template <class V>
LUCID_INLINE void store_vector(const V& values, void* to) {
  __builtin_memcpy(to, &values, sizeof values);
}

// Copies a value to every lane: x - 0 is x, whereas x + 0 turns -0 into 0.
template <class V>
LUCID_INLINE void broadcast(float value, V& to) {
  to = value - V{};
}

// Loads kLanes elements and converts them to floats.
template <int kLanes>
LUCID_INLINE void load_lanes(const float* from, Floats<kLanes>& to) {
  load_vector(from, to);
}
template <int kLanes>
LUCID_INLINE void load_lanes(const Bfloat16* from, Floats<kLanes>& to) {
  if constexpr (kLanes == 1) {
    to = to_float(*from);
  } else {
    using Words = Vector<std::uint32_t, kLanes>;
    Vector<std::uint16_t, kLanes> halves;
    load_vector(from, halves);
    const Words words = __builtin_convertvector(halves, Words) << 16;
    to = reinterpret_cast<const Floats<kLanes>&>(words);
  }
}

// Stores floats, rounded as from_float() does.
template <int kLanes>
LUCID_INLINE void store_lanes(const Floats<kLanes>& values, float* to) {
  store_vector(values, to);
}
template <int kLanes>
LUCID_INLINE void store_lanes(const Floats<kLanes>& values, Bfloat16* to) {
  if constexpr (kLanes == 1) {
    *to = from_float<Bfloat16>(values);
  } else {
    using Halves = Vector<std::uint16_t, kLanes>;
    using Words = Vector<std::uint32_t, kLanes>;
    const auto& words = reinterpret_cast<const Words&>(values);
    const Integers<kLanes> magnitude =
        reinterpret_cast<const Integers<kLanes>&>(values) & 0x7fffffff;
    const Words rounded = words + 0x7fffU + ((words >> 16) & 1U);
    const Words bits = magnitude > 0x7f800000 ? words | 0x400000U : rounded;
    store_vector(__builtin_convertvector(bits >> 16, Halves), to);
  }
}

}  // namespace lucid
