#pragma once
// Private to this room.

#include <algorithm>

#include "kernels/convolution/winograd_transforms.h"
#include "kernels/winograd3d/kernels.h"

// Included by one source file for each instruction set, and local to it.
namespace lucid::winograd3d {
namespace {

// F(2, 3) along the depth axis, for the points 0, 1, -1 and infinity: the four input planes of two
// output planes.
template <class Value>
LUCID_INLINE void transform_depth(const Value (&d)[kInputPlanes], Value (&t)[kInputPlanes]) {
  t[0] = d[0] - d[2];
  t[1] = d[1] + d[2];
  t[2] = d[2] - d[1];
  t[3] = d[1] - d[3];
}

// A column of a tile, transformed along depth and height.
template <int kLanes>
using Column = Floats<kLanes>[kInputPlanes][kInputSide];

// load(d, i, voxel) reads row i of plane d. The 32 registers of AVX-512 hold the voxels of all
// planes; where there are 16, each plane of elements reads its two planes of voxels anew.
template <int kLanes, class Points, class Load>
LUCID_INLINE void transform_planes(const Load& load, Column<kLanes>& to) {
  using Value = Floats<kLanes>;
  if constexpr (kLanes == 16) {
    Value column[kInputPlanes][kInputSide];
#pragma GCC unroll 8
    for (int i = 0; i < kInputSide; ++i) {
      Value voxels[kInputPlanes], transformed[kInputPlanes];
#pragma GCC unroll 8
      for (int d = 0; d < kInputPlanes; ++d) load(d, i, voxels[d]);
      transform_depth(voxels, transformed);
#pragma GCC unroll 8
      for (int d = 0; d < kInputPlanes; ++d) column[d][i] = transformed[d];
    }
#pragma GCC unroll 8
    for (int d = 0; d < kInputPlanes; ++d) Points::transform(column[d], to[d]);
  } else {
    constexpr int kFirst[] = {0, 1, 2, 1}, kSecond[] = {2, 2, 1, 3};
#pragma GCC unroll 8
    for (int d = 0; d < kInputPlanes; ++d) {
      Value column[kInputSide];
#pragma GCC unroll 8
      for (int i = 0; i < kInputSide; ++i) {
        Value first, second;
        load(kFirst[d], i, first);
        load(kSecond[d], i, second);
        column[i] = d == 1 ? first + second : first - second;
      }
      Points::transform(column, to[d]);
    }
  }
}

template <class Element>
LUCID_INLINE const Element* voxel(const void* row, std::int64_t w, std::int64_t step) {
  return static_cast<const Element*>(row) + w * step;
}

template <int kLanes, class Points, class Element>
LUCID_INLINE void transform_column(const InputRow& from, std::int64_t w, Column<kLanes>& to) {
  using Value = Floats<kLanes>;
  if (w < 0 || w >= from.columns) {
#pragma GCC unroll 8
    for (int d = 0; d < kInputPlanes; ++d)
#pragma GCC unroll 8
      for (int i = 0; i < kInputSide; ++i) to[d][i] = Value{};
    return;
  }
  transform_planes<kLanes, Points>(
      [&](int d, int i, Value& to_voxel) LUCID_ALWAYS_INLINE {
        const int row = d * kInputSide + i;
        load_lanes<kLanes>(voxel<Element>(from.rows[row], w, from.steps[row]), to_voxel);
      },
      to);
  for (int row = kOutputPlanes * kInputSide; row < kInputPlanes * kInputSide; ++row)
    __builtin_prefetch(voxel<Element>(from.rows[row], w, from.steps[row]) + from.ahead, 0, 2);
}

// Transforms the rows of a tile whose first four columns and last two are given.
template <int kLanes, class Points>
LUCID_INLINE void store_rows(const Column<kLanes>* begin, const Column<kLanes>* end, float* to,
                             std::int64_t element) {
  using Value = Floats<kLanes>;
#pragma GCC unroll 1
  for (int i = 0; i < kInputSide; ++i)
#pragma GCC unroll 1
    for (int d = 0; d < kInputPlanes; ++d) {
      const Value row[kInputSide] = {begin[0][d][i], begin[1][d][i], begin[2][d][i],
                                     begin[3][d][i], end[0][d][i],   end[1][d][i]};
      Value transformed[kInputSide];
      Points::transform(row, transformed);
#pragma GCC unroll 8
      for (int j = 0; j < kInputSide; ++j)
        store_lanes<kLanes>(transformed[j],
                            to + ((i * kInputSide + j) * kInputPlanes + d) * element);
    }
}

// Neighbouring tiles share two columns, which are transformed once.
template <int kLanes, class Points, class Element>
void transform_input(const InputRow& from, float* to, std::int64_t element) {
  constexpr int kShared = kInputSide - kOutputSide, kHeld = 8;  // columns
  Column<kLanes> columns[kHeld];
  std::int64_t next = 0;
  for (; next < kShared; ++next)
    transform_column<kLanes, Points, Element>(from, from.first + next, columns[next]);
  for (std::int64_t tile = 0; tile < from.tiles; ++tile, to += kLanes) {
    for (int j = 0; j < kOutputSide; ++j, ++next)
      transform_column<kLanes, Points, Element>(from, from.first + next, columns[next % kHeld]);
    const Column<kLanes>* begin = columns + tile * kOutputSide % kHeld;
    const Column<kLanes>* end = columns + (tile + 1) * kOutputSide % kHeld;
    store_rows<kLanes, Points>(begin, end, to, element);
  }
}

template <int kLanes>
void add_planes(const float* products, std::int64_t plane, std::int64_t floats, float* to,
                std::int64_t to_plane, std::int64_t next) {
  using Value = Floats<kLanes>;
  for (std::int64_t at = 0; at < floats; at += kLanes) {
    __builtin_prefetch(to + next + at, 1);
    __builtin_prefetch(to + to_plane + next + at, 1);
    Value m[kInputPlanes];
#pragma GCC unroll 8
    for (int d = 0; d < kInputPlanes; ++d) load_lanes<kLanes>(products + d * plane + at, m[d]);
    const Value sum = m[1] + m[2], difference = m[1] - m[2];
    store_lanes<kLanes>(Value(m[0] + sum), to + at);
    store_lanes<kLanes>(Value(difference - m[3]), to + to_plane + at);
  }
}

template <int kLanes, bool kHasRelu, class Element>
LUCID_INLINE void store_row(const Floats<kLanes> (&voxels)[kOutputSide], const Floats<kLanes>& bias,
                            float slope, std::int64_t columns, Element* to, std::int64_t step) {
  for (std::int64_t j = 0; j < columns; ++j) {
    const Floats<kLanes> value = voxels[j] + bias;
    if constexpr (kHasRelu)
      store_leaky_relu<kLanes>(value, slope, to + j * step);
    else
      store_lanes<kLanes>(value, to + j * step);
  }
}

template <int kLanes, bool kHasRelu, class Element>
LUCID_INLINE void transform_output_plane(const float* products, std::int64_t element,
                                         const Floats<kLanes>& bias, float slope,
                                         const OutputTile& tile, Element* to) {
  using Value = Floats<kLanes>;
  Value sums[kOutputSide][kInputSide];
#pragma GCC unroll 1
  for (int j = 0; j < kInputSide; ++j) {
    Value column[kInputSide], out[kOutputSide];
#pragma GCC unroll 8
    for (int i = 0; i < kInputSide; ++i)
      load_lanes<kLanes>(products + (i * kInputSide + j) * element, column[i]);
    winograd::inverse_transform(column, out);
#pragma GCC unroll 8
    for (int i = 0; i < kOutputSide; ++i) sums[i][j] = out[i];
  }
#pragma GCC unroll 1
  for (std::int64_t i = 0; i < tile.rows; ++i) {
    Value voxels[kOutputSide];
    winograd::inverse_transform(sums[i], voxels);
    Element* const row = to + i * tile.row;
    if (tile.columns == kOutputSide)
      store_row<kLanes, kHasRelu>(voxels, bias, slope, kOutputSide, row, tile.column);
    else
      store_row<kLanes, kHasRelu>(voxels, bias, slope, tile.columns, row, tile.column);
  }
}

template <int kLanes, class Element>
void transform_output(const float* products, std::int64_t plane, std::int64_t element,
                      const float* bias, float slope, const OutputTile& to) {
  Floats<kLanes> added{};
  if (bias != nullptr) load_lanes<kLanes>(bias, added);
  for (std::int64_t d = 0; d < to.planes; ++d) {
    const auto transform = slope == 1.F ? transform_output_plane<kLanes, false, Element>
                                        : transform_output_plane<kLanes, true, Element>;
    transform(products + d * plane, element, added, slope, to,
              static_cast<Element*>(to.first) + d * to.plane);
  }
}

}  // namespace
}  // namespace lucid::winograd3d
