#pragma once

#include <filesystem>
#include <optional>

#include "formats/readers/volume_file.h"

namespace lucid {

// Opens .nrrd, or .nhdr with its data in one file next to it; raw or gzip, either byte order.
VolumeFile open_nrrd(const std::filesystem::path& path);

// Returns the file that holds the numbers if that is another one; it may be missing.
std::optional<std::filesystem::path> nrrd_data_file(const std::filesystem::path& header);

}  // namespace lucid
