#pragma once
// Private to this room.

#include <algorithm>
#include <utility>

#include "kernels/small_volume/kernels.h"

// Included by one source file for each instruction set, and local to it.
namespace lucid::small_volume {
namespace {

template <int kLanes, class Element>
void pack(const Packing& a) {
  const auto* from = static_cast<const Element*>(a.from);
  float* to = a.to;
  for (std::int64_t voxel = 0; voxel < a.voxels; ++voxel, from += kLanes)
    for (std::int64_t row = 0; row < a.rows; ++row, to += kLanes) {
      Floats<kLanes> values;
      load_lanes<kLanes>(from + row * a.sample, values);
      store_vector(values, to);
      if (a.used < kLanes) std::fill(to + a.used, to + kLanes, 0.F);
    }
}

template <int kLanes, class Element>
void finish(const Outputs& a) {
  Floats<kLanes> bias{};
  if (a.bias != nullptr) load_vector(a.bias, bias);
  auto* to = static_cast<Element*>(a.to);
  for (std::int64_t row = 0; row < a.rows; ++row, to += a.sample) {
    Floats<kLanes> sums;
    load_vector(a.sums + row * kLanes, sums);
    sums += bias;
    if (a.slope == 1.F)
      store_lanes<kLanes>(sums, to);
    else
      store_leaky_relu<kLanes>(sums, a.slope, to);
  }
}

// Exchanges the lanes of `first` that have the bit kHalf with those of `second` that do not.
template <int kHalf, class V, std::size_t... kLane>
LUCID_INLINE void exchange(V& first, V& second, std::index_sequence<kLane...>) {
  constexpr int kLanes = sizeof...(kLane);
  const V from = first;
  first = __builtin_shufflevector(
      from, second,
      ((static_cast<int>(kLane) & kHalf) != 0 ? kLanes + static_cast<int>(kLane) - kHalf
                                              : static_cast<int>(kLane))...);
  second = __builtin_shufflevector(
      from, second,
      ((static_cast<int>(kLane) & kHalf) != 0 ? kLanes + static_cast<int>(kLane)
                                              : static_cast<int>(kLane) + kHalf)...);
}

template <int kHalf, int kLanes>
LUCID_INLINE void exchange_all(Floats<kLanes> (&rows)[kLanes]) {
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i)
    if ((i & kHalf) == 0)
      exchange<kHalf>(rows[i], rows[i + kHalf], std::make_index_sequence<kLanes>());
  if constexpr (kHalf > 1) exchange_all<kHalf / 2, kLanes>(rows);
}

template <int kLanes>
void transpose(const float* from, std::int64_t taps, float* to) {
  for (std::int64_t tap = 0; tap < taps; ++tap, from += kLanes * kLanes, to += kLanes * kLanes) {
    Floats<kLanes> rows[kLanes];
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) load_vector(from + i * kLanes, rows[i]);
    exchange_all<kLanes / 2, kLanes>(rows);
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) store_vector(rows[i], to + i * kLanes);
  }
}

}  // namespace
}  // namespace lucid::small_volume
