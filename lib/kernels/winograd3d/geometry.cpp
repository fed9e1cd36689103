#include "kernels/winograd3d/geometry.h"

#include <algorithm>

namespace lucid::winograd3d {
namespace {

constexpr std::int64_t kMostLanes = 16;
alignas(64) constexpr float kZeros[kMostLanes] = {};

std::int64_t odd_lines(std::int64_t floats) {
  const std::int64_t lines = (floats + kMostLanes - 1) / kMostLanes;
  return (lines / 2 * 2 + 1) * kMostLanes;
}

}  // namespace

std::int64_t Geometry::input_element(std::int64_t tiles) const { return odd_lines(tiles * inputs); }
std::int64_t Geometry::output_element(std::int64_t tiles) const {
  return odd_lines(tiles * outputs);
}

Geometry::Place Geometry::place(std::int64_t tile) const {
  const Triple count = tiles();
  const std::int64_t w = tile % count[2], d = tile / count[2] % count[0];
  const std::int64_t row = tile / count[2] / count[0];
  return {row / count[1], d * kOutputPlanes, row % count[1] * kOutputSide, w * kOutputSide};
}

std::int64_t Geometry::tiles_of_row(std::int64_t first, std::int64_t count) const {
  const std::int64_t in_row = tiles()[2];
  return std::min(count, in_row - first % in_row);
}

GradientRow Geometry::gradient_row(const Place& at, std::int64_t tiles, const void* block) const {
  GradientRow row{{}, {}, at.w, output[2], tiles};
  for (std::int64_t i = 0; i < kOutputPlanes * kOutputSide; ++i) {
    const VoxelRow found = voxel_row(output, lanes, output_type, block, at.d + i / kOutputSide,
                                     at.h + i % kOutputSide);
    row.rows[i] = found.first;
    row.steps[i] = found.step;
  }
  return row;
}

VoxelRow voxel_row(const Triple& volume, std::int64_t lanes, Type type, const void* block,
                   std::int64_t d, std::int64_t h) {
  if (d < 0 || d >= volume[0] || h < 0 || h >= volume[1]) return {kZeros, 0};
  return {element_at(block, type, (d * volume[1] + h) * volume[2] * lanes), lanes};
}

}  // namespace lucid::winograd3d
