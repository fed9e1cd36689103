#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/readers/volume_file.h"

namespace lucid {

// Opens .npy. An array in Fortran order is read whole and transposed.
VolumeFile open_npy(const std::filesystem::path& path);

// These read a .npz, which is a zip archive of .npy files. Names are sorted and lack ".npy".
std::vector<std::string> npz_arrays(const std::filesystem::path& path);
VolumeFile open_npz(const std::filesystem::path& path, const std::string& array);

}  // namespace lucid
