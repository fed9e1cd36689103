#pragma once
// Private to this room.

#include "kernels/simd/vector.h"

// Included by one source file for each instruction set. Everything is local to that file: of two
// functions of one name the linker would keep either, and an old processor would run new code.
// Functions that are always inlined leave no copy to the linker.
namespace lucid::small_channel {
namespace {

// Fills a vector with copies of a group of neighbouring channels. A group of two is moved as the
// bits of one double.
template <int Lanes, int Group>
inline void broadcast_group(const float* from, Floats<Lanes>& to) {
  if constexpr (Group == 1) {
    broadcast(*from, to);
  } else {
    using Pairs = Vector<double, Lanes / 2>;
    double pair;
    load_vector(from, pair);
    if constexpr (Lanes == 16)
      to = reinterpret_cast<Floats<Lanes>>(Pairs{pair, pair, pair, pair, pair, pair, pair, pair});
    else
      to = reinterpret_cast<Floats<Lanes>>(Pairs{pair, pair, pair, pair});
  }
}

}  // namespace
}  // namespace lucid::small_channel
