#pragma once

#include <optional>
#include <string>

#include "data/array/voxel_size.h"
#include "data/volumes/stack.h"

namespace lucid {

// Returns what the attributes of a dataset say: voxel_size_mm, or element_size_um as of ilastik,
// PlantSeg and pytorch-3dunet. Throws Error(kData) if that are not three numbers above 0.
std::optional<VoxelSize> stored_voxel_size(const hdf5::File& file, const std::string& dataset);

// The same of a volume in any format.
std::optional<VoxelSize> voxel_size_of(const Stack& stack);

std::string voxel_size_text(const VoxelSize& size);  // "1 x 0.5 x 0.5"

}  // namespace lucid
