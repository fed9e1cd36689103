#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/readers/volume_file.h"

namespace lucid {

// .npy. An array in Fortran's order is read whole and turned around.
VolumeFile open_npy(const std::filesystem::path& path);

// .npz: a zip archive of .npy, compressed or not.
std::vector<std::string> npz_arrays(const std::filesystem::path& path);  // sorted, without .npy
VolumeFile open_npz(const std::filesystem::path& path, const std::string& array);

}  // namespace lucid
