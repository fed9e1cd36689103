#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/triple.h"
#include "tensor/shape.h"

namespace lucid {

// Targets of outputs that have fewer voxels than the main one, as deep supervision has them. Voxel
// i along an axis takes the target of voxel i * stride + stride / 2: PyTorch's "nearest-exact".

// Returns the main output's voxels per voxel of `output` along each axis; nothing if both have the
// same extents, if an extent does not divide the main one, or unless both have voxels. Shapes both
// with or both without N.
std::optional<Triple> target_strides(const Shape& main, const Shape& output);

// Replaces `coarse` by every voxel's target. `target` is volumes of `extents`, one after another.
void take_coarse_targets(std::span<const float> target, const Triple& extents,
                         const Triple& strides, std::vector<float>& coarse);

// The last three extents of a shape with voxels.
Triple voxel_extents(const Shape& shape);

}  // namespace lucid
