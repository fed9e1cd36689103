#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "formats/import/import_cache.h"
#include "train/config/run_config.h"

namespace lucid {

// The HDF5 files that stand for the scans of a run's sets; none for a set of HDF5 files.
struct ImportedSets {
  std::vector<std::string> train{}, validation{};
  std::size_t volumes = 0, imported = 0;  // in the cache, and how many of them were not there
  std::vector<std::string> warnings{};
  bool was_stopped = false;
};

// True if a set is of scans, volumes of other formats than HDF5.
bool has_scans(const RunConfig& config);

// Pairs images and labels of both sets and imports what the cache does not hold. Throws Error.
ImportedSets import_sets(const RunConfig& config, const ImportCacheOptions& options);

// Puts the imported files into the place of the scans; what the config's JSON says stays.
void use_imported(const ImportedSets& imported, RunConfig& config);

}  // namespace lucid
