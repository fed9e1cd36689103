#include "kernels/winograd3d/inputs.h"

namespace lucid::winograd3d {

void transform_inputs(const Geometry& g, Kernels::TransformInput transform, std::int64_t first,
                      std::int64_t count, std::int64_t tiles, const void* x, float* to) {
  const std::int64_t element = g.input_element(tiles);
  for (std::int64_t t = 0; t < count;) {
    const std::int64_t run = g.tiles_of_row(first + t, count - t);
    const Geometry::Place at = g.place(first + t);
    for (std::int64_t block = 0; block < g.input_blocks(); ++block) {
      const std::int64_t voxel =
          (at.sample * g.input_blocks() + block) * g.input_voxels() * g.lanes;
      transform(g.input_row(at, run, element_at(x, g.input_type, voxel)),
                to + (block * tiles + t) * g.lanes, element);
    }
    t += run;
  }
}

}  // namespace lucid::winograd3d
