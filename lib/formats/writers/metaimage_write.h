#pragma once

#include <filesystem>
#include <vector>

#include "formats/readers/fill_elements.h"
#include "formats/readers/geometry.h"

namespace lucid {

// Writes a volume of extents dhw or cdhw as .mha to `file`, whose final name is `named`; elements
// are compressed by zlib, channels a fourth dimension. A geometry that says nothing of the patient
// becomes the size of voxels alone.
void write_metaimage_data(const std::filesystem::path& file, const std::filesystem::path& named,
                          ElementType type, const std::vector<std::int64_t>& extents,
                          const Geometry& geometry, const FillElements& fill);

}  // namespace lucid
