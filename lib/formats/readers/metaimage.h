#pragma once

#include <filesystem>
#include <optional>

#include "formats/readers/volume_file.h"

namespace lucid {

// Opens .mha, or .mhd with its elements in one file next to it; raw or zlib, either byte order.
VolumeFile open_metaimage(const std::filesystem::path& path);

// Returns the file that holds the elements if that is another one; it may be missing.
std::optional<std::filesystem::path> metaimage_data_file(const std::filesystem::path& header);

}  // namespace lucid
