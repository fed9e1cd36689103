#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/readers/volume_file.h"

namespace lucid {

// Returns true for what open_dicom() reads: a DICOM file of any name, a folder that holds some, and
// FOLDER:SERIES.
bool is_dicom_path(const std::filesystem::path& path);

// Returns the volumes of a folder with DICOM files: the folder itself if it holds one series, else
// FOLDER:SERIES for each, sorted by number and name. None if it holds no DICOM images.
std::vector<std::filesystem::path> dicom_volumes_in(const std::filesystem::path& folder);

// Returns the paths with the volume of its series in the place of each DICOM file, once; files
// without an image are left out, other paths kept.
std::vector<std::filesystem::path> with_whole_series(
    const std::vector<std::filesystem::path>& paths);

// Returns SERIES of FOLDER:SERIES where the folder holds DICOM; empty for other paths.
std::string dicom_series_of(const std::filesystem::path& path);

// Returns the files of one series, by name: that of a file with all others of its series in the
// folder, the only one of a folder, or the one that is named by name, number or UID. Throws
// Error(kUsage) with the names of all series where one has to be chosen.
std::vector<std::filesystem::path> dicom_files(const std::filesystem::path& path);

// Opens a series as a volume. Slices lie in the order of their positions along their normal, and
// are decoded one at a time. Throws Error(kData) that names the files whose size, direction or
// place does not fit those of the others.
VolumeFile open_dicom(const std::filesystem::path& path);

}  // namespace lucid
