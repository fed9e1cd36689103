#pragma once

#include <filesystem>
#include <vector>

#include "formats/readers/volume_file.h"

namespace lucid {

// Opens .tif and .tiff: pages are slices, unless ImageJ's or OME's metadata say what they are; the
// samples of a pixel are channels. Rows are decoded one by one.
VolumeFile open_tiff(const std::filesystem::path& path);

// Returns the files in the order of their numbers if they are slices of one volume: two or more
// TIFF files of a single page each, whose names differ in one number only. Otherwise none.
std::vector<std::filesystem::path> slices_among(const std::vector<std::filesystem::path>& files);

// Opens such slices, which have to be of one size and type. `place` is their folder, for messages.
VolumeFile open_slices(const std::vector<std::filesystem::path>& files, const std::string& place);

}  // namespace lucid
