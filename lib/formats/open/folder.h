#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/readers/volume_file.h"

namespace lucid {

// Returns the volumes of a folder, sorted: its files with the name of a volume but for hidden ones
// and parts of others, and Zarr stores. The folder itself is one if these files are the slices of
// one, or if it holds a series of DICOM; of several series each is FOLDER:SERIES. Without any of
// these it returns the volumes of the folders in it that are such. Throws Error(kData) if the files
// cannot be listed.
std::vector<std::filesystem::path> volumes_in(const std::filesystem::path& folder);

// Returns what a folder is as a whole, as volumes_in() says; none for a folder of volumes or
// others.
std::vector<std::filesystem::path> whole_volumes(const std::filesystem::path& folder);

// Returns the volumes that the entries stand for: files, folders, patterns of files and of folders
// that are volumes, and names of one volume. Relative ones start at `base`; those of an entry are
// sorted, and a series takes the place of its DICOM files. Throws Error(kUsage) for an entry that
// nothing matches.
std::vector<std::filesystem::path> expand_volumes(const std::vector<std::string>& entries,
                                                  const std::filesystem::path& base);

// Returns true for a folder, which may be a volume, for FOLDER:SERIES, and for a DICOM file without
// the name of one.
bool is_folder_volume(const std::filesystem::path& path);

// Returns true for a name that stands for one volume, not for files that match it: a path to or
// into a Zarr store, and FOLDER:SERIES.
bool names_one_volume(const std::string& name);

// Returns the files of a folder that is one volume. Throws Error(kUsage) if it is none.
std::vector<std::filesystem::path> files_of_folder(const std::filesystem::path& folder);

// Opens the slices of a folder, or a series of DICOM, as one volume.
VolumeFile open_folder(const std::filesystem::path& folder);

}  // namespace lucid
