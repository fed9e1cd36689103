#include "kernels/convolution/winograd.h"

#include <algorithm>

#include "kernels/convolution/winograd_transforms.h"
#include "kernels/simd/epilogue.h"
#include "tensor/parallel.h"

namespace lucid::winograd {
namespace {

// Loads a voxel of one plane of the tensor. Voxels outside are zeros.
template <int kLanes, bool kIsInside>
LUCID_INLINE void load_voxel(const TiledPlanes& p, const float* plane, std::int64_t h,
                             std::int64_t w, Floats<kLanes>& to) {
  if (kIsInside || (h >= 0 && h < p.volume[1] && w >= 0 && w < p.volume[2]))
    load_lanes<kLanes>(plane + (h * p.volume[2] + w) * kLanes, to);
  else
    to = Floats<kLanes>{};
}

// Transforms a tile of kSide x kSide voxels. The voxels of a gradient's tile, 4x4, are also added
// to `sum`.
template <int kLanes, std::int64_t kSide, class Points, bool kIsInside>
LUCID_INLINE void transform_tile(const TiledPlanes& p, const float* plane, std::int64_t h,
                                 std::int64_t w, float* tiles, Floats<kLanes>& sum) {
  using Value = Floats<kLanes>;
  Value rows[kSide][kInputTile];
  for (std::int64_t i = 0; i < kSide; ++i) {
    Value voxels[kSide];
    for (std::int64_t j = 0; j < kSide; ++j)
      load_voxel<kLanes, kIsInside>(p, plane, h + i, w + j, voxels[j]);
    Points::transform(voxels, rows[i]);
    if constexpr (kSide == kOutputTile) sum += (voxels[0] + voxels[1]) + (voxels[2] + voxels[3]);
  }
  const std::int64_t stride = p.element_floats();
  for (std::int64_t j = 0; j < kInputTile; ++j) {
    Value column[kSide], transformed[kInputTile];
    for (std::int64_t i = 0; i < kSide; ++i) column[i] = rows[i][j];
    Points::transform(column, transformed);
    for (std::int64_t i = 0; i < kInputTile; ++i)
      store_lanes<kLanes>(transformed[i], tiles + (i * kInputTile + j) * stride);
  }
}

// Transforms the tiles of a plane from row `first` on, and sums each row of a gradient.
template <int kLanes, std::int64_t kSide, class Points>
LUCID_INLINE void transform_plane(const TiledPlanes& p, std::int64_t first, const float* plane,
                                  float* tiles, float* sums) {
  tiles += first * p.tiles_w * kLanes;
  for (std::int64_t i = first; i < p.tiles_h; ++i) {
    Floats<kLanes> sum{};
    const std::int64_t h = (p.first_row + i) * kOutputTile - p.pad_h;
    const bool is_row_inside = h >= 0 && h + kSide <= p.volume[1];
    for (std::int64_t j = 0; j < p.tiles_w; ++j, tiles += kLanes) {
      const std::int64_t w = j * kOutputTile - p.pad_w;
      if (is_row_inside && w >= 0 && w + kSide <= p.volume[2])
        transform_tile<kLanes, kSide, Points, true>(p, plane, h, w, tiles, sum);
      else
        transform_tile<kLanes, kSide, Points, false>(p, plane, h, w, tiles, sum);
    }
    if constexpr (kSide == kOutputTile) store_lanes<kLanes>(sum, sums + (p.first_row + i) * kLanes);
  }
}

template <int kLanes, bool kHasRelu>
LUCID_INLINE void transform_output_tile(const TiledPlanes& p, const float* tiles,
                                        const Floats<kLanes>& bias, float slope, std::int64_t h,
                                        std::int64_t w, float* plane) {
  using Value = Floats<kLanes>;
  const std::int64_t stride = p.element_floats();
  Value rows[kOutputTile][kInputTile];
  for (std::int64_t j = 0; j < kInputTile; ++j) {
    Value column[kInputTile], sums[kOutputTile];
    for (std::int64_t i = 0; i < kInputTile; ++i)
      load_lanes<kLanes>(tiles + (i * kInputTile + j) * stride, column[i]);
    inverse_transform(column, sums);
    for (std::int64_t i = 0; i < kOutputTile; ++i) rows[i][j] = sums[i];
  }
  for (std::int64_t i = 0; i < std::min(kOutputTile, p.volume[1] - h); ++i) {
    Value voxels[kOutputTile];
    inverse_transform(rows[i], voxels);
    float* to = plane + ((h + i) * p.volume[2] + w) * kLanes;
    for (std::int64_t j = 0; j < std::min(kOutputTile, p.volume[2] - w); ++j) {
      const Value value = voxels[j] + bias;
      if constexpr (kHasRelu)
        store_leaky_relu<kLanes>(value, slope, to + j * kLanes);
      else
        store_lanes<kLanes>(value, to + j * kLanes);
    }
  }
}

template <int kLanes, bool kHasRelu>
LUCID_INLINE void transform_output_plane(const TiledPlanes& p, const float* tiles,
                                         const Epilogue& epilogue, float* plane) {
  Floats<kLanes> bias{};
  if (epilogue.bias != nullptr) load_lanes<kLanes>(epilogue.bias, bias);
  const float slope = epilogue.slope;
  for (std::int64_t i = 0; i < p.tiles_h; ++i)
    for (std::int64_t j = 0; j < p.tiles_w; ++j, tiles += kLanes)
      transform_output_tile<kLanes, kHasRelu>(
          p, tiles, bias, slope, (p.first_row + i) * kOutputTile, j * kOutputTile, plane);
}

LUCID_CLONED(void, transform_inputs_16, (const TiledPlanes& p, const float* plane, float* tiles),
             (p, plane, tiles)) {
  transform_plane<16, kInputTile, OutputPoints>(p, 0, plane, tiles, nullptr);
}
LUCID_CLONED(void, transform_inputs_8, (const TiledPlanes& p, const float* plane, float* tiles),
             (p, plane, tiles)) {
  transform_plane<8, kInputTile, OutputPoints>(p, 0, plane, tiles, nullptr);
}
LUCID_CLONED(void, transform_gradient_inputs_16,
             (const TiledPlanes& p, const float* plane, float* tiles), (p, plane, tiles)) {
  transform_plane<16, kInputTile, GradientPoints>(p, 0, plane, tiles, nullptr);
}
LUCID_CLONED(void, transform_gradient_inputs_8,
             (const TiledPlanes& p, const float* plane, float* tiles), (p, plane, tiles)) {
  transform_plane<8, kInputTile, GradientPoints>(p, 0, plane, tiles, nullptr);
}
LUCID_CLONED(void, transform_gradients_16,
             (const TiledPlanes& p, std::int64_t first, const float* plane, float* tiles,
              float* sums),
             (p, first, plane, tiles, sums)) {
  transform_plane<16, kOutputTile, GradientPoints>(p, first, plane, tiles, sums);
}
LUCID_CLONED(void, transform_gradients_8,
             (const TiledPlanes& p, std::int64_t first, const float* plane, float* tiles,
              float* sums),
             (p, first, plane, tiles, sums)) {
  transform_plane<8, kOutputTile, GradientPoints>(p, first, plane, tiles, sums);
}
LUCID_CLONED(void, transform_outputs_16,
             (const TiledPlanes& p, const float* tiles, const Epilogue& epilogue, float* plane),
             (p, tiles, epilogue, plane)) {
  if (epilogue.slope == 1.F)
    transform_output_plane<16, false>(p, tiles, epilogue, plane);
  else
    transform_output_plane<16, true>(p, tiles, epilogue, plane);
}
LUCID_CLONED(void, transform_outputs_8,
             (const TiledPlanes& p, const float* tiles, const Epilogue& epilogue, float* plane),
             (p, tiles, epilogue, plane)) {
  if (epilogue.slope == 1.F)
    transform_output_plane<8, false>(p, tiles, epilogue, plane);
  else
    transform_output_plane<8, true>(p, tiles, epilogue, plane);
}

// One plane of one block of channels.
struct Plane {
  std::int64_t block, depth;   // depth: in the volume, or outside it
  std::int64_t index;          // among the planes of all samples, blocks and depths of the volume
  std::int64_t tensor, tiles;  // where it begins in the tensor, and among the transformed tiles
};

// Calls body(plane) for every plane, across threads.
template <class Body>
void for_planes(const TiledPlanes& p, const Body& body) {
  const std::int64_t plane_floats = p.volume[1] * p.volume[2] * p.lanes;
  parallel_for(p.samples * p.blocks * p.count, [&](std::int64_t i) {
    const std::int64_t plane = i % p.count, block = i / p.count % p.blocks;
    const std::int64_t sample = i / p.count / p.blocks, depth = p.begin + plane;
    const std::int64_t index = (sample * p.blocks + block) * p.volume[0] + depth;
    const std::int64_t tiles = sample * kTileElements * p.element_floats() +
                               (block * p.count + plane) * p.tiles() * p.lanes;
    body(Plane{block, depth, index, index * plane_floats, tiles});
  });
}

// Zeros the first rows of tiles of a plane.
void clear_rows(const TiledPlanes& p, std::int64_t rows, float* tiles) {
  for (std::int64_t i = 0; i < kTileElements; ++i)
    std::fill_n(tiles + i * p.element_floats(), rows * p.tiles_w * p.lanes, 0.F);
}

}  // namespace

void transform_input(const TiledPlanes& p, InputOf of, const float* tensor, float* tiles) {
  const auto for_outputs = p.lanes == 16 ? transform_inputs_16 : transform_inputs_8;
  const auto for_weights =
      p.lanes == 16 ? transform_gradient_inputs_16 : transform_gradient_inputs_8;
  const auto transform = of == InputOf::kWeightGradient ? for_weights : for_outputs;
  for_planes(p, [&](const Plane& plane) {
    if (plane.depth < 0 || plane.depth >= p.volume[0])
      clear_rows(p, p.tiles_h, tiles + plane.tiles);
    else
      transform(p, tensor + plane.tensor, tiles + plane.tiles);
  });
}

void transform_output_gradient(const TiledPlanes& p, const Counted& counted, const float* tensor,
                               float* tiles, float* sums) {
  const std::int64_t rows = (p.volume[1] + kOutputTile - 1) / kOutputTile;
  const std::int64_t before = std::clamp<std::int64_t>(counted.row - p.first_row, 0, p.tiles_h);
  for_planes(p, [&](const Plane& plane) {
    clear_rows(p, plane.depth < counted.plane ? p.tiles_h : before, tiles + plane.tiles);
    if (plane.depth < counted.plane) return;
    (p.lanes == 16 ? transform_gradients_16 : transform_gradients_8)(
        p, before, tensor + plane.tensor, tiles + plane.tiles, sums + plane.index * rows * p.lanes);
  });
}

void transform_output(const TiledPlanes& p, const float* tiles, const Epilogue& epilogue,
                      float* tensor) {
  for_planes(p, [&](const Plane& plane) {
    const float* bias = epilogue.bias == nullptr ? nullptr : epilogue.bias + plane.block * p.lanes;
    (p.lanes == 16 ? transform_outputs_16 : transform_outputs_8)(
        p, tiles + plane.tiles, {bias, epilogue.slope}, tensor + plane.tensor);
  });
}

}  // namespace lucid::winograd
