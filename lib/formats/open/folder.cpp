#include "formats/open/folder.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "data/volumes/file_patterns.h"
#include "data/volumes/volumes.h"
#include "formats/dicom/dicom.h"
#include "formats/open/open_volume.h"
#include "formats/tiff/tiff.h"
#include "formats/zarr/zarr_path.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

// What a folder holds, sorted. Hidden files are not volumes: archives made on macOS are full of
// them.
struct Entries {
  Paths volumes, folders;
};

Entries entries_of(const fs::path& folder) {
  Entries found;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) fail(folder.string(), "its files cannot be listed: " + error.message());
  for (const fs::directory_entry& entry : entries) {
    const fs::path& path = entry.path();
    if (path.filename().string().starts_with('.')) continue;
    const bool is_volume = !volume_extension(path).empty() && !is_part_of_volume(path);
    if (entry.is_regular_file(error) && is_volume) found.volumes.push_back(path);
    const bool is_store = is_zarr_store(path);
    if (entry.is_directory(error) && is_store) found.volumes.push_back(path);
    if (entry.is_directory(error) && !is_store) found.folders.push_back(path);
  }
  std::ranges::sort(found.volumes);
  std::ranges::sort(found.folders);
  return found;
}

// Returns what the folder as a whole is: slices of one volume, or series of DICOM.
Paths whole_folder(const fs::path& folder, const Entries& entries) {
  if (!slices_among(entries.volumes).empty()) return {folder};
  return entries.volumes.empty() ? dicom_volumes_in(folder) : Paths();
}

Paths volumes_matching(const std::string& pattern, const fs::path& base) {
  Paths found;
  for (const fs::path& match : paths_matching(pattern, base)) {
    const bool is_folder = kind_of(match) == FileKind::kFolder && !is_zarr_store(match);
    const Paths volumes = is_folder ? whole_volumes(match) : Paths{match};
    found.insert(found.end(), volumes.begin(), volumes.end());
  }
  return found;
}

Paths volumes_named(const std::string& entry, const fs::path& base) {
  if (entry.empty()) return expand_files({entry}, base);  // which refuses it
  const fs::path path = base / entry;
  if (names_one_volume(path.string())) return {path};
  const FileKind kind = kind_of(path);
  if (kind == FileKind::kFolder) {
    Paths found = volumes_in(path);
    if (!found.empty()) return found;
    throw Error(ExitCode::kUsage, path.string() +
                                      ": expected a folder of volumes (.nii.gz, .nrrd, .npy, ...), "
                                      "found none");
  }
  if (kind == FileKind::kMissing && has_pattern(entry))
    if (Paths found = volumes_matching(entry, base); !found.empty()) return found;
  return expand_files({entry}, base);
}

}  // namespace

Paths whole_volumes(const fs::path& folder) { return whole_folder(folder, entries_of(folder)); }

Paths expand_volumes(const std::vector<std::string>& entries, const fs::path& base) {
  Paths paths;
  for (const std::string& entry : entries) {
    const Paths found = volumes_named(entry, base);
    paths.insert(paths.end(), found.begin(), found.end());
  }
  return with_whole_series(paths);
}

Paths volumes_in(const fs::path& folder) {
  const Entries entries = entries_of(folder);
  Paths found = whole_folder(folder, entries);
  if (!found.empty()) return found;
  if (!entries.volumes.empty()) return entries.volumes;
  for (const fs::path& inner : entries.folders)
    for (const fs::path& volume : whole_folder(inner, entries_of(inner))) found.push_back(volume);
  return found;
}

bool is_folder_volume(const fs::path& path) {
  if (!volume_extension(path).empty()) return false;
  return kind_of(path) == FileKind::kFolder || is_dicom_path(path);
}

bool names_one_volume(const std::string& name) {
  return is_in_zarr_store(name) || !dicom_series_of(name).empty();
}

Paths files_of_folder(const fs::path& folder) {
  if (kind_of(folder) != FileKind::kFolder) return dicom_files(folder);
  Paths slices = slices_among(entries_of(folder).volumes);
  if (!slices.empty()) return slices;
  if (is_dicom_path(folder)) return dicom_files(folder);
  throw Error(ExitCode::kUsage,
              folder.string() +
                  ": expected a volume, found a folder without slices of one: DICOM files, or TIFF "
                  "files of one page whose names differ in a number");
}

VolumeFile open_folder(const fs::path& folder) {
  if (kind_of(folder) != FileKind::kFolder) return open_dicom(folder);
  const Paths slices = slices_among(entries_of(folder).volumes);
  if (slices.empty() && is_dicom_path(folder)) return open_dicom(folder);
  return open_slices(files_of_folder(folder), folder.string());
}

}  // namespace lucid
