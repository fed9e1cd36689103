#pragma once

#include <filesystem>

#include "formats/readers/volume_file.h"

namespace lucid {

// .nrrd, or .nhdr with its numbers in one file beside it; raw or gzip, either byte order.
VolumeFile open_nrrd(const std::filesystem::path& path);

}  // namespace lucid
