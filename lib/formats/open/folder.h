#pragma once

#include <filesystem>
#include <vector>

#include "formats/readers/volume_file.h"

namespace lucid {

// Returns the volumes of a folder, sorted: its files with the name of a volume but for hidden ones
// and parts of others; the folder itself if these files are the slices of one volume. Without such
// files it returns the folders in it that are volumes. Throws Error(kData) if the files cannot be
// listed.
std::vector<std::filesystem::path> volumes_in(const std::filesystem::path& folder);

// Returns the files that are the slices of a folder's volume, in their order. Throws Error(kUsage)
// if it is no volume.
std::vector<std::filesystem::path> files_of_folder(const std::filesystem::path& folder);

// Opens the slices of a folder as one volume.
VolumeFile open_folder(const std::filesystem::path& folder);

}  // namespace lucid
