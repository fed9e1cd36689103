#pragma once
// Private to this room.

#include <filesystem>

#include "formats/readers/volume_file.h"

namespace lucid {

// Opens .nrrd, or .nhdr with its data in one file next to it; raw or gzip, either byte order.
VolumeFile open_nrrd(const std::filesystem::path& path);

}  // namespace lucid
