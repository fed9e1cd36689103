#pragma once

#include <filesystem>
#include <vector>

#include "formats/readers/fill_elements.h"
#include "formats/readers/geometry.h"

namespace lucid {

// Labels become smaller by leaving voxels out, other values by their mean.
enum class ZarrContent { kLabels, kValues };

// Writes a volume of extents dhw or cdhw as OME-Zarr 0.4 into the empty folder `folder`, whose
// final name is `named`: a pyramid of arrays 0, 1, .. in chunks of at most 64x128x128. Axes, voxel
// size and the place of the first voxel along them are those of OME-Zarr; the attribute "lucid"
// holds the affine, which OME-Zarr has no word for. Memory: a slab of chunks of some 64 MB and its
// smaller copies. Throws Error(kFailed) if it cannot be written.
void write_zarr_data(const std::filesystem::path& folder, const std::filesystem::path& named,
                     ElementType type, const std::vector<std::int64_t>& extents,
                     const Geometry& geometry, ZarrContent content, const FillElements& fill);

}  // namespace lucid
