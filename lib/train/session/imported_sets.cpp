#include "train/session/imported_sets.h"

#include <algorithm>
#include <utility>

namespace lucid {
namespace {

std::vector<Scan> scans_of(const VolumesConfig& volumes) {
  return volumes.are_scans ? pair_scans(volumes.files, volumes.labels) : std::vector<Scan>();
}

void replace_files(const std::vector<std::string>& files, VolumesConfig& volumes) {
  if (!std::exchange(volumes.are_scans, false)) return;
  volumes.files = files;
  volumes.labels.clear();
}

}  // namespace

bool has_scans(const RunConfig& config) {
  const DataConfig& data = config.data;
  return data.train.are_scans || (data.validation && data.validation->are_scans);
}

ImportedSets import_sets(const RunConfig& config, const ImportCacheOptions& options) {
  std::vector<Scan> scans = scans_of(config.data.train);
  const auto count = static_cast<std::ptrdiff_t>(scans.size());
  if (config.data.validation)
    for (Scan& scan : scans_of(*config.data.validation)) scans.push_back(std::move(scan));
  CachedScans cached = import_to_cache(scans, options);
  ImportedSets sets{.volumes = scans.size(),
                    .imported = cached.imported,
                    .warnings = std::move(cached.warnings),
                    .was_stopped = cached.was_stopped};
  if (cached.was_stopped) return sets;
  std::vector<std::string> files;
  for (const auto& file : cached.files) files.push_back(file.string());
  sets.train.assign(files.begin(), files.begin() + count);
  sets.validation.assign(files.begin() + count, files.end());
  return sets;
}

void use_imported(const ImportedSets& imported, RunConfig& config) {
  replace_files(imported.train, config.data.train);
  if (config.data.validation) replace_files(imported.validation, *config.data.validation);
}

}  // namespace lucid
