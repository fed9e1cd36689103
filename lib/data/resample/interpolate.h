#pragma once

#include <span>

#include "data/array/box.h"
#include "data/resample/voxel_taps.h"

namespace lucid {

// Interpolates rows along w and planes along h: `in` has the rows of a plane that `part` is made
// of, from row `rows_begin` on and from column `columns_begin` on, `width` voxels each; `out`
// receives part.size[1] x part.size[2] voxels. The d of `part` is not looked at.
struct PlanePart {
  const VoxelTaps &h, &w;
  Box part;
  std::int64_t rows_begin, columns_begin, width;
};
void interpolate_plane(const PlanePart& plane, std::span<const float> in, std::span<float> out);

// out[i] = the sum of weights[k] * planes[k][i]
void combine_planes(std::span<const float> weights, std::span<const float* const> planes,
                    std::span<float> out);

// Interpolates one channel: `stored` holds the voxels of the box `of` of the volume that the taps
// count, `out` receives those of `part`, along w, h and d in this order.
void interpolate_values(const std::array<VoxelTaps, 3>& taps, const Box& of,
                        std::span<const float> stored, const Box& part, std::span<float> out);

// Gives each voxel the label of the largest weight; of two, the larger label. Every value is a
// label of its own.
void interpolate_labels(const std::array<VoxelTaps, 3>& taps, const Box& of,
                        std::span<const float> stored, const Box& part, std::span<float> out);

}  // namespace lucid
