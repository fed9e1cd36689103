#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/triple.h"
#include "infer/window/slab_sums.h"

namespace lucid {

// Repeats the values (C, D, H, W) of a coarse output, `strides` times along each axis: a window's
// prediction of every voxel that SlabSums can add up. `extents` are those of the values.
std::vector<float> repeated(std::span<const float> values, const Triple& extents,
                            const Triple& strides);

// Voxels of a volume, by their positions along each axis.
using VoxelPick = std::array<std::vector<std::int64_t>, 3>;

// Returns the voxels whose targets a coarse output is compared with, as coarse_targets.h has it, of
// planes [first, first + count) of a volume. Windows that do not begin at multiples of the strides
// have it at other places, less than a stride away.
VoxelPick coarse_voxels(const WindowGrid& grid, const Triple& strides, std::int64_t first,
                        std::int64_t count);

// Takes these voxels from planes (D, C, H, W), the first of which is `first`.
std::vector<float> picked(std::span<const float> planes, std::int64_t first, std::int64_t channels,
                          const Triple& volume, const VoxelPick& pick);

}  // namespace lucid
