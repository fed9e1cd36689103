#pragma once

#include "base/triple.h"
#include "kernels/simd/clones.h"
#include "kernels/simd/vector.h"

// The max pooling of 2x2x2 voxels, side by side, of the few that a convolution has just computed.
// The maxima, their places and NaN are those of max_pool.h behind a LeakyReLU.
namespace lucid {

// The windows of such a tile, and where they go in the pooled tensor.
template <class Element>
struct PairTile {
  Element* y;
  std::uint8_t* index;              // the place of the maximum, in the order of y; null: none
  std::int64_t plane, row, column;  // distances of windows in y
  std::int64_t planes, rows, columns;
  float slope;  // of the LeakyReLU that voxels pass before: see pooling_applies()
};

// Whether the pooling can apply this slope; else voxels have to have passed the LeakyReLU, and the
// pooling's slope is 1. Numbers are rounded to bfloat16 in between.
template <class Element>
LUCID_INLINE bool pooling_applies(float slope) {
  return slope == 0.F || (sizeof(Element) == sizeof(float) && slope > 0.F && slope <= 1.F);
}

// Pools all windows, one number after the other. Of several NaN the last one wins.
template <class Element>
void pool_pairs_with_nans(std::int64_t lanes, const Element* x, const Triple& steps,
                          const PairTile<Element>& to);

enum class PairRelu { kNone, kZero, kLeaky };
enum class PairPlaces { kNone, kWritten };

// For slopes from above 0 to 1.
template <int kLanes>
LUCID_INLINE void leaky_relu(float slope, Floats<kLanes>& value) {
  const Floats<kLanes> below = slope * value;
  value = value > below ? value : below;
}

// The maxima of kLanes channels. `sum` becomes a NaN in a lane if a voxel is one. A ReLU is a
// maximum that starts from zero, whose place would be that of the first of many zeros; without
// places, a LeakyReLU of the maximum is the maximum of LeakyReLUs.
template <int kLanes, PairRelu kRelu, PairPlaces kPlaces, class Element>
LUCID_INLINE void pool_pair_window(const Element* x, const Triple& steps, float slope, Element* y,
                                   std::uint8_t* index, Floats<kLanes>& sum) {
  using I = Integers<kLanes>;
  constexpr bool kIsLeaky = kRelu == PairRelu::kLeaky, kHasPlaces = kPlaces == PairPlaces::kWritten;
  Floats<kLanes> best{}, all{};
  I place{};
#pragma GCC unroll 8
  for (int at = 0; at < 8; ++at) {
    Floats<kLanes> value;
    load_lanes<kLanes>(x + at / 4 * steps[0] + at / 2 % 2 * steps[1] + at % 2 * steps[2], value);
    if constexpr (kIsLeaky && kHasPlaces) leaky_relu<kLanes>(slope, value);
    if (at == 0 && kRelu != PairRelu::kZero) best = value;
    if constexpr (kHasPlaces) place = value > best ? I{} + at : place;
    best = value > best ? value : best;
    all += value;
  }
  sum += all;
  if constexpr (kIsLeaky && !kHasPlaces) leaky_relu<kLanes>(slope, best);
  store_lanes<kLanes>(best, y);
  if constexpr (kHasPlaces)
    store_vector(__builtin_convertvector(place, Vector<std::uint8_t, kLanes>), index);
}

// GCC takes comparisons of 16 floats apart, one by one: 8 lanes at a time.
template <int kLanes, PairRelu kRelu, PairPlaces kPlaces, class Element>
LUCID_INLINE void pool_pair_windows(const Element* x, const Triple& steps,
                                    const PairTile<Element>& to) {
  constexpr int kPiece = 8;
  Floats<kPiece> sum{};
  for (std::int64_t d = 0; d < to.planes; ++d)
    for (std::int64_t h = 0; h < to.rows; ++h)
      for (std::int64_t w = 0; w < to.columns; ++w) {
        const Element* from = x + 2 * (d * steps[0] + h * steps[1] + w * steps[2]);
        const std::int64_t at = d * to.plane + h * to.row + w * to.column;
        for (int lane = 0; lane < kLanes; lane += kPiece)
          pool_pair_window<kPiece, kRelu, kPlaces>(
              from + lane, steps, to.slope, to.y + at + lane,
              kPlaces == PairPlaces::kNone ? nullptr : to.index + at + lane, sum);
      }
  float total = 0;
  for (int lane = 0; lane < kPiece; ++lane) total += sum[lane];
  if (total != total) pool_pairs_with_nans(kLanes, x, steps, to);
}

template <int kLanes, PairPlaces kPlaces, class Element>
LUCID_INLINE void pool_pairs_behind_relu(const Element* x, const Triple& steps,
                                         const PairTile<Element>& to) {
  if (to.slope == 0.F)
    pool_pair_windows<kLanes, PairRelu::kZero, kPlaces>(x, steps, to);
  else if (to.slope == 1.F)
    pool_pair_windows<kLanes, PairRelu::kNone, kPlaces>(x, steps, to);
  else
    pool_pair_windows<kLanes, PairRelu::kLeaky, kPlaces>(x, steps, to);
}

// Pools the windows of x, whose voxels along each axis are `steps` apart.
template <int kLanes, class Element>
LUCID_INLINE void pool_pairs(const Element* x, const Triple& steps, const PairTile<Element>& to) {
  if (to.index == nullptr)
    pool_pairs_behind_relu<kLanes, PairPlaces::kNone>(x, steps, to);
  else
    pool_pairs_behind_relu<kLanes, PairPlaces::kWritten>(x, steps, to);
}

// The gradients behind such a pooling, whose y may be that of a LeakyReLU before it.
struct PairGradients {
  const float *dy, *y;
  const std::uint8_t* index;
  std::int64_t plane, row, column;  // distances of windows
  std::int64_t planes, rows, columns;
  float slope;  // below 0
};

// Writes the gradients before ReLU and pooling of all voxels of so many windows, zeros where there
// is no window.
template <int kLanes>
LUCID_INLINE void spread_pairs(const PairGradients& from, const Triple& windows,
                               const Triple& steps, float* dx) {
  constexpr int kPiece = 8;
  using V = Floats<kPiece>;
  using I = Integers<kPiece>;
  for (std::int64_t i = 0; i < windows[0] * windows[1] * windows[2]; ++i) {
    const std::int64_t d = i / windows[2] / windows[1], h = i / windows[2] % windows[1];
    const std::int64_t w = i % windows[2];
    const bool is_inside = d < from.planes && h < from.rows && w < from.columns;
    const std::int64_t at = d * from.plane + h * from.row + w * from.column;
    float* const to = dx + 2 * (d * steps[0] + h * steps[1] + w * steps[2]);
    for (int lane = 0; lane < kLanes; lane += kPiece) {
      V gradient{};
      I place{};
      if (is_inside) {
        V pooled;
        Vector<std::uint8_t, kPiece> places;
        load_vector(from.dy + at + lane, gradient);
        load_vector(from.y + at + lane, pooled);
        load_vector(from.index + at + lane, places);
        gradient = pooled <= 0.F ? from.slope * gradient : gradient;
        place = __builtin_convertvector(places, I);
      }
#pragma GCC unroll 8
      for (int voxel = 0; voxel < 8; ++voxel)
        store_vector(
            place == voxel ? gradient : V{},
            to + lane + voxel / 4 * steps[0] + voxel / 2 % 2 * steps[1] + voxel % 2 * steps[2]);
    }
  }
}

}  // namespace lucid
