#pragma once
// Private to this room.

#include "kernels/convolution/first_layer_tiles.h"
#include "kernels/pool/pair_tile.h"

// The gradients that the weight gradient of a first layer reads, and their transform.
namespace lucid::first_layer {

// Some voxels of the rows of dy that belong to a tile; rows behind the end of dy are not read.
struct Gradients {
  const float* dy;
  std::int64_t plane_floats, row_floats, planes, rows, voxels;
  std::int64_t step;                         // floats from one transformed element to the next
  std::int64_t depth_points, height_points;  // of the elements that any channel needs
  std::int64_t ahead;    // floats from these rows to those of the next tile; 0: reads none ahead
  PairGradients pooled;  // in place of dy where that is null: of the windows of these voxels
};

// Transforms the voxel of dy at `from` to (element, voxel, lane), and adds them to `all`.
template <int kLanes, bool kIsWhole>
LUCID_INLINE void transform_voxel(Gradients g, const float* from, float* to, Floats<kLanes>& all) {
  using Value = Floats<kLanes>;
  Value half[kReadSide][kSide];
#pragma GCC unroll 6
  for (std::int64_t h = 0; h < kSide; ++h, from += g.row_floats) {
    if (g.ahead != 0)
#pragma GCC unroll 6
      for (std::int64_t d = 0; d < kSide; ++d)
        __builtin_prefetch(from + g.ahead + d * g.plane_floats, 0, 2);
    Value column[kSide], made[kReadSide];
#pragma GCC unroll 6
    for (std::int64_t d = 0; d < kSide; ++d)
      if (kIsWhole || (d < g.planes && h < g.rows))
        load_vector(from + d * g.plane_floats, column[d]);
      else
        column[d] = Value{};
    all += (column[0] + column[1]) + (column[2] + column[3]);
    winograd::GradientPoints::transform(column, made);
#pragma GCC unroll 6
    for (std::int64_t d = 0; d < kReadSide; ++d) half[d][h] = made[d];
  }
#pragma GCC unroll 6
  for (std::int64_t d = 0; d < kReadSide; ++d) {
    if (!kIsWhole && d >= g.depth_points) break;
    Value made[kReadSide];
    winograd::GradientPoints::transform(half[d], made);
#pragma GCC unroll 6
    for (std::int64_t h = 0; h < kReadSide; ++h)
      if (kIsWhole || h < g.height_points) store_vector(made[h], to + (d * kReadSide + h) * g.step);
  }
}

// Makes two voxels of all rows of dy at a time, in a place in the first cache.
template <int kLanes, bool kIsWhole>
LUCID_INLINE void transform_pooled(const Gradients& g, float* to, Floats<kLanes>& all) {
  constexpr std::int64_t kRow = 2 * kLanes, kPlane = kSide * kRow;
  alignas(64) float voxels[kSide * kPlane];
  Gradients made = g;
  made.plane_floats = kPlane;
  made.row_floats = kRow;
  PairGradients pooled = g.pooled;
  for (std::int64_t i = 0; i < g.voxels; i += 2) {
    spread_pairs<kLanes>(pooled, {kSide / 2, kSide / 2, 1}, {kPlane, kRow, kLanes}, voxels);
    for (std::int64_t k = 0; k < std::min<std::int64_t>(2, g.voxels - i); ++k)
      transform_voxel<kLanes, kIsWhole>(made, voxels + k * kLanes, to + (i + k) * kLanes, all);
    pooled.dy += pooled.column;
    pooled.y += pooled.column;
    pooled.index += pooled.column;
    --pooled.columns;
  }
}

template <int kLanes>
LUCID_INLINE void transform_dy(const Gradients& g, float* to, float* bias) {
  using Value = Floats<kLanes>;
  Value all{}, before;
  const float* from = g.dy;
  const bool is_whole = g.planes == kSide && g.rows == kSide;
  if (from == nullptr && is_whole)
    transform_pooled<kLanes, true>(g, to, all);
  else if (from == nullptr)
    transform_pooled<kLanes, false>(g, to, all);
  else if (is_whole)
    for (std::int64_t i = 0; i < g.voxels; ++i)
      transform_voxel<kLanes, true>(g, from + i * kLanes, to + i * kLanes, all);
  else
    for (std::int64_t i = 0; i < g.voxels; ++i)
      transform_voxel<kLanes, false>(g, from + i * kLanes, to + i * kLanes, all);
  load_vector(bias, before);
  store_vector(before + all, bias);
}

// Where the first row of a tile lies in dy, in the first block of outputs.
inline std::int64_t place_of(const FirstLayer& l, const TilePlace& tile) {
  const std::int64_t plane = tile.sample * l.blocks() * l.output[0] + tile.d;
  return (plane * l.output[1] + tile.h) * l.output[2] * l.lanes;
}

// The gradients of a tile's rows in one block of outputs, from voxel w on. Reads ahead what the
// next tile will read.
inline void set_gradients(const FirstLayer& l, const TilePlace& tile, const TilePlace& next,
                          std::int64_t block, std::int64_t w, const float* dy, Gradients& to) {
  to.row_floats = l.output[2] * l.lanes;
  to.plane_floats = l.output[1] * to.row_floats;
  to.ahead = place_of(l, next) - place_of(l, tile);
  to.dy = dy + place_of(l, tile) + block * l.output[0] * to.plane_floats + w * l.lanes;
}

inline void set_gradients(const FirstLayer& l, const TilePlace& tile, const TilePlace&,
                          std::int64_t block, std::int64_t w, const FirstLayerPooledGradient& from,
                          Gradients& to) {
  const Triple pooled{l.output[0] / 2, l.output[1] / 2, l.output[2] / 2};
  const std::int64_t row = pooled[2] * l.lanes, plane = pooled[1] * row;
  const std::int64_t at = (tile.sample * l.blocks() + block) * pooled[0] * plane +
                          tile.d / 2 * plane + tile.h / 2 * row + w / 2 * l.lanes;
  to.dy = nullptr;
  to.pooled = {from.dy + at,
               from.y + at,
               from.index + at,
               plane,
               row,
               l.lanes,
               pooled[0] - tile.d / 2,
               pooled[1] - tile.h / 2,
               pooled[2] - w / 2,
               from.slope};
}

}  // namespace lucid::first_layer
