#pragma once
// Private to this room.

#include "kernels/winograd3d/transforms_body.h"

// Included by one source file for each instruction set, and local to it.
namespace lucid::winograd3d {
namespace {

// Transforms the gradients of two output planes along depth, as F(2, 3) does for the gradient of
// its taps.
template <class Value>
LUCID_INLINE void transform_gradient_depth(const Value (&g)[kOutputPlanes],
                                           Value (&t)[kInputPlanes]) {
  t[0] = g[0];
  t[1] = g[0] + g[1];
  t[2] = g[0] - g[1];
  t[3] = -g[1];
}

template <int kLanes, class Element>
LUCID_INLINE void transform_gradient_column(const GradientRow& from, std::int64_t w,
                                            Column<kLanes>& to, Floats<kLanes>& sum) {
  using Value = Floats<kLanes>;
  if (w >= from.columns) {
#pragma GCC unroll 8
    for (int d = 0; d < kInputPlanes; ++d)
#pragma GCC unroll 8
      for (int i = 0; i < kInputSide; ++i) to[d][i] = Value{};
    return;
  }
  Value column[kInputPlanes][kOutputSide];
#pragma GCC unroll 8
  for (int i = 0; i < kOutputSide; ++i) {
    Value voxels[kOutputPlanes], transformed[kInputPlanes];
#pragma GCC unroll 8
    for (int d = 0; d < kOutputPlanes; ++d) {
      const int row = d * kOutputSide + i;
      load_lanes<kLanes>(voxel<Element>(from.rows[row], w, from.steps[row]), voxels[d]);
    }
    sum += voxels[0] + voxels[1];
    transform_gradient_depth(voxels, transformed);
#pragma GCC unroll 8
    for (int d = 0; d < kInputPlanes; ++d) column[d][i] = transformed[d];
  }
#pragma GCC unroll 8
  for (int d = 0; d < kInputPlanes; ++d) winograd::GradientPoints::transform(column[d], to[d]);
}

template <int kLanes, class Element>
void transform_gradient(const GradientRow& from, float* to, std::int64_t element, float* sum) {
  using Value = Floats<kLanes>;
  Value total;
  load_lanes<kLanes>(sum, total);
  Column<kLanes> columns[kOutputSide];
  for (std::int64_t tile = 0; tile < from.tiles; ++tile, to += kLanes) {
#pragma GCC unroll 8
    for (int j = 0; j < kOutputSide; ++j)
      transform_gradient_column<kLanes, Element>(from, from.first + tile * kOutputSide + j,
                                                 columns[j], total);
#pragma GCC unroll 1
    for (int i = 0; i < kInputSide; ++i)
#pragma GCC unroll 1
      for (int d = 0; d < kInputPlanes; ++d) {
        const Value row[kOutputSide] = {columns[0][d][i], columns[1][d][i], columns[2][d][i],
                                        columns[3][d][i]};
        Value transformed[kInputSide];
        winograd::GradientPoints::transform(row, transformed);
#pragma GCC unroll 8
        for (int j = 0; j < kInputSide; ++j)
          store_lanes<kLanes>(transformed[j],
                              to + ((i * kInputSide + j) * kInputPlanes + d) * element);
      }
  }
  store_lanes<kLanes>(total, sum);
}

}  // namespace
}  // namespace lucid::winograd3d
