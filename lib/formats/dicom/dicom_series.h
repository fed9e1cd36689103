#pragma once
// Private to this room.

#include <filesystem>
#include <string>
#include <vector>

namespace lucid {

// The files of a folder that belong together.
struct DicomSeries {
  std::string uid, number;
  std::string name;  // "3_t1_mprage": its number and description; unique in the folder
  std::vector<std::filesystem::path> files;
};

struct DicomFolder {
  std::vector<DicomSeries> series;  // sorted by number and name
  std::size_t others = 0;           // DICOM files without an image: reports, lists of files
};

// Reads the headers of all files of a folder.
DicomFolder dicom_folder(const std::filesystem::path& folder);

// A path that names a series.
struct DicomChoice {
  std::filesystem::path folder;
  std::string series;  // empty for the only one
};
DicomChoice dicom_choice(const std::filesystem::path& path);

}  // namespace lucid
