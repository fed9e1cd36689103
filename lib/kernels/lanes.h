#pragma once

#include <cstdint>

namespace lucid {

// The lanes of a voxel as one value, which compilers keep in registers where they spill arrays.
template <int kLanes>
struct Lanes {
  template <class Number>
  using Of
      __attribute__((vector_size(kLanes * sizeof(Number)), aligned(sizeof(Number)), may_alias)) =
          Number;
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

}  // namespace lucid
