#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "formats/import/scans.h"

namespace lucid {

struct ImportCacheOptions {
  std::filesystem::path folder;  // made if it is missing
  int threads = 1;
  ImportReport report;               // of the scans that have to be imported, all together
  std::function<bool()> is_to_stop;  // asked again and again
};

struct CachedScans {
  std::vector<std::filesystem::path> files;  // HDF5, one for each scan
  std::size_t imported = 0;                  // by this call; the others were there
  std::vector<std::string> warnings;         // of all, whenever they were imported
  bool was_stopped = false;                  // then there are not all files
};

// Keeps scans as HDF5 files of one case each: FOLDER/KEY/NAME.h5, with NAME.json beside it, which
// says what it was made of. KEY follows from paths, sizes and times of the scan's files, so that
// one that has changed is imported anew. Of any number of processes, one imports a scan, and files
// appear when they are complete. Throws Error as import_volumes() does.
CachedScans import_to_cache(const std::vector<Scan>& scans, const ImportCacheOptions& options);

}  // namespace lucid
