#pragma once

#include <filesystem>
#include <vector>

#include "formats/readers/nifti.h"

namespace lucid {

// Writes a volume of extents dhw or cdhw to `file`, whose final name is `named`, deflated; the
// channels are a list, the slowest axis.
void write_nrrd_data(const std::filesystem::path& file, const std::filesystem::path& named,
                     ElementType type, const std::vector<std::int64_t>& extents,
                     const Geometry& geometry, const FillElements& fill);

}  // namespace lucid
