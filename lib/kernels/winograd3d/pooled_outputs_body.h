#pragma once
// Private to this room.

#include "kernels/pool/pair_tile.h"
#include "kernels/winograd3d/transforms_body.h"

// Included by one source file for each instruction set, and local to it.
namespace lucid::winograd3d {
namespace {

// All voxels of the tile are transformed as they would be written, to a place in the first cache;
// those outside the volume are in no window.
template <int kLanes, class Element>
void pool_output(const float* products, std::int64_t plane, std::int64_t element, const float* bias,
                 float slope, const PooledTile& to) {
  constexpr std::int64_t kRow = kOutputSide * kLanes, kPlane = kOutputSide * kRow;
  alignas(64) Element voxels[kOutputPlanes * kPlane];
  const bool is_left = pooling_applies<Element>(slope);
  transform_output<kLanes, Element>(
      products, plane, element, bias, is_left ? 1.F : slope,
      {voxels, kPlane, kRow, kLanes, kOutputPlanes, kOutputSide, kOutputSide});
  pool_pairs<kLanes, Element>(voxels, {kPlane, kRow, kLanes},
                              {static_cast<Element*>(to.first), to.index, 0, to.row, kLanes, 1,
                               to.rows, to.columns, is_left ? slope : 1.F});
}

}  // namespace
}  // namespace lucid::winograd3d
