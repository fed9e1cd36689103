#pragma once
// Private to this room.

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/triple.h"
#include "data/array/elements.h"

namespace lucid {

// A level of a pyramid of images: the voxels of the first one, smaller than all before.
struct PyramidLevel {
  Triple extents{};
  Triple step{1, 1, 1};  // voxels of the first level that make up one of these
};

// Returns the volume itself and smaller ones, until none of their extents is more than 128. An axis
// is halved, rounding up, unless its voxels are at least twice as long as the shortest side: so
// they become cubes as far as they can.
std::vector<PyramidLevel> pyramid_levels(const Triple& extents,
                                         const std::array<double, 3>& voxel_size);

// How voxels of one level become one of the next. The mean is that of all that are there, of
// integers rounded to nearest, halves to even. The first is that of the lowest indices.
enum class VoxelReduction { kMean, kFirst };

// Makes one plane of the next level of planes of `extents`, as many as it steps along d, at the end
// of the volume perhaps fewer. Steps are 1 or 2.
void reduce_planes(ElementType type, VoxelReduction reduction, std::span<const std::byte> planes,
                   const Triple& extents, const Triple& step, std::span<std::byte> out);

}  // namespace lucid
