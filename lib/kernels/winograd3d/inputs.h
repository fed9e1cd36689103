#pragma once

#include "kernels/winograd3d/geometry.h"

namespace lucid::winograd3d {

// Transforms the inputs of tiles first .. first + count - 1 to (element, block of inputs, tile,
// lane), where a block has room for `tiles`.
void transform_inputs(const Geometry& geometry, Kernels::TransformInput transform,
                      std::int64_t first, std::int64_t count, std::int64_t tiles, const void* x,
                      float* to);

}  // namespace lucid::winograd3d
