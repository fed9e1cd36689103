#pragma once

#include <filesystem>
#include <vector>

#include "formats/readers/fill_elements.h"
#include "formats/readers/geometry.h"

namespace lucid {

// Writes a volume of extents dhw or cdhw as TIFF to `file`, whose final name is `named`: a page for
// each plane and channel in ImageJ's order, deflated strips, and ImageJ's description, which has
// the size of voxels; BigTIFF where the file might exceed 4 GB. TIFF does not say where a volume
// lies in space, so the rest of the geometry is lost.
void write_tiff_data(const std::filesystem::path& file, const std::filesystem::path& named,
                     ElementType type, const std::vector<std::int64_t>& extents,
                     const Geometry& geometry, const FillElements& fill);

}  // namespace lucid
