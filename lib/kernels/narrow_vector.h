#pragma once

// Included by one source file for each instruction set. Everything is local to that file: of two
// functions of one name the linker would keep either, and an old processor would meet new code.
namespace lucid::narrow {
namespace {

template <class Number, int Count>
struct Vector {
  using Type __attribute__((vector_size(Count * sizeof(Number)), may_alias)) = Number;
};

// A vector at any address, where one behind a pointer would have to be aligned.
template <class V>
inline void load(const float* from, V& to) {
  __builtin_memcpy(&to, from, sizeof to);
}
template <class V>
inline void store(const V& values, float* to) {
  __builtin_memcpy(to, &values, sizeof values);
}

// A group of neighbouring channels, again and again. Two are bits that are moved as one number.
template <int Lanes, int Group>
inline void spread(const float* from, typename Vector<float, Lanes>::Type& to) {
  using V = typename Vector<float, Lanes>::Type;
  if constexpr (Group == 1) {
    to = *from - V{};  // x - 0 is x, as 0 + x is not
  } else {
    using Pairs = typename Vector<double, Lanes / 2>::Type;
    double pair;
    load(from, pair);
    if constexpr (Lanes == 16)
      to = reinterpret_cast<V>(Pairs{pair, pair, pair, pair, pair, pair, pair, pair});
    else
      to = reinterpret_cast<V>(Pairs{pair, pair, pair, pair});
  }
}

}  // namespace
}  // namespace lucid::narrow
