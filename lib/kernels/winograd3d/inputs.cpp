#include "kernels/winograd3d/inputs.h"

namespace lucid::winograd3d {
namespace {

InputRow row_of(const Geometry& g, const Geometry::Place& at, std::int64_t tiles,
                const void* block) {
  const std::int64_t plane = g.input[1] * g.input[2] * g.lanes;
  InputRow row{{}, {}, at.w - g.padding[2], g.input[2], tiles, kOutputPlanes * plane};
  for (std::int64_t i = 0; i < kInputPlanes * kInputSide; ++i) {
    const VoxelRow found =
        voxel_row(g.input, g.lanes, g.input_type, block, at.d - g.padding[0] + i / kInputSide,
                  at.h - g.padding[1] + i % kInputSide);
    row.rows[i] = found.first;
    row.steps[i] = found.step;
  }
  return row;
}

}  // namespace

void transform_inputs(const Geometry& g, Kernels::TransformInput transform, std::int64_t first,
                      std::int64_t count, std::int64_t tiles, const void* x, float* to) {
  const std::int64_t element = g.input_element(tiles);
  for (std::int64_t t = 0; t < count;) {
    const std::int64_t run = g.tiles_of_row(first + t, count - t);
    const Geometry::Place at = g.place(first + t);
    for (std::int64_t block = 0; block < g.input_blocks(); ++block) {
      const std::int64_t voxel =
          (at.sample * g.input_blocks() + block) * g.input_voxels() * g.lanes;
      transform(row_of(g, at, run, element_at(x, g.input_type, voxel)),
                to + (block * tiles + t) * g.lanes, element);
    }
    t += run;
  }
}

}  // namespace lucid::winograd3d
