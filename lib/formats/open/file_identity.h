#pragma once

#include <filesystem>

#include "base/json.h"

namespace lucid {

// Describes a file, or an image or array of a Zarr store, by its path and by how many bytes were
// written to it when: two calls with equal results read equal voxels. Of a volume in several files
// each has its own. Throws std::filesystem::filesystem_error.
Json file_identity(const std::filesystem::path& path);

}  // namespace lucid
