#include "formats/open/folder.h"

#include <algorithm>

#include "base/error.h"
#include "formats/open/open_volume.h"
#include "formats/tiff/tiff.h"

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
    if (entry.is_directory(error)) found.folders.push_back(path);
  }
  std::ranges::sort(found.volumes);
  std::ranges::sort(found.folders);
  return found;
}

}  // namespace

Paths volumes_in(const fs::path& folder) {
  const Entries entries = entries_of(folder);
  if (!slices_among(entries.volumes).empty()) return {folder};
  if (!entries.volumes.empty()) return entries.volumes;
  Paths found;
  for (const fs::path& inner : entries.folders)
    if (!slices_among(entries_of(inner).volumes).empty()) found.push_back(inner);
  return found;
}

Paths files_of_folder(const fs::path& folder) {
  Paths slices = slices_among(entries_of(folder).volumes);
  if (!slices.empty()) return slices;
  throw Error(ExitCode::kUsage, folder.string() +
                                    ": expected a volume, found a folder without slices of one: "
                                    "TIFF files of one page whose names differ in a number");
}

VolumeFile open_folder(const fs::path& folder) {
  return open_slices(files_of_folder(folder), folder.string());
}

}  // namespace lucid
