#pragma once

#include "kernels/simd/lanes.h"

// Included by one source file for each instruction set. Everything is local to that file: of two
// functions of one name the linker would keep either, and an old processor would meet new code.
// What is always inlined has no copy to keep.
namespace lucid::narrow {
namespace {

template <class Number, int Count>
struct Vector {
  using Type __attribute__((vector_size(Count * sizeof(Number)), may_alias)) = Number;
};

// A group of neighbouring channels, again and again. Two are bits that are moved as one number.
template <int Lanes, int Group>
inline void spread(const float* from, typename Vector<float, Lanes>::Type& to) {
  using V = typename Vector<float, Lanes>::Type;
  if constexpr (Group == 1) {
    to = *from - V{};  // x - 0 is x, as 0 + x is not
  } else {
    using Pairs = typename Vector<double, Lanes / 2>::Type;
    double pair;
    load_vector(from, pair);
    if constexpr (Lanes == 16)
      to = reinterpret_cast<V>(Pairs{pair, pair, pair, pair, pair, pair, pair, pair});
    else
      to = reinterpret_cast<V>(Pairs{pair, pair, pair, pair});
  }
}

}  // namespace
}  // namespace lucid::narrow
