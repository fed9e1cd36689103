#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "data/volumes/file_patterns.h"
#include "data/volumes/volumes.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

void check_path(JsonObject& object, std::string_view key, const std::string& path) {
  const auto stars = std::count(path.begin(), path.end(), '*');
  if (object.has(key) && path.empty() && object.is_sound())
    object.error(key, "expected the path of a dataset, found ''");
  if (stars > 1)
    object.error(key, "expected at most one * in the path of a dataset, found " + in_quotes(path));
}

bool is_hdf5_name(const fs::path& path) {
  return path.extension() == ".h5" || path.extension() == ".hdf5";
}

// A Zarr store is a folder that counts as a file.
bool is_store_name(const fs::path& path) { return path.extension() == ".zarr"; }

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    if (is_hdf5_name(entry.path()) && !entry.is_directory()) found.push_back(entry.path());
  if (failed) throw Error(ExitCode::kUsage, folder.string() + ": " + failed.message());
  if (found.empty())
    throw Error(ExitCode::kUsage,
                folder.string() + ": expected *.h5 or *.hdf5 files in the folder, found none");
  return found;
}

std::vector<fs::path> files_matching(const std::string& pattern, const fs::path& base) {
  std::vector<fs::path> found = paths_matching(pattern, base);
  std::erase_if(found, [](const fs::path& match) {
    return !is_store_name(match) && fs::is_directory(match);
  });
  if (found.empty()) throw Error(ExitCode::kUsage, (base / pattern).string() + ": no file matches");
  return found;
}

// Returns the first name that stands more than once; empty if there is none.
std::string repeated_name(std::vector<std::string> names) {
  std::ranges::sort(names);
  const auto found = std::ranges::adjacent_find(names);
  return found == names.end() ? "" : *found;
}

std::vector<fs::path> expand(const std::string& entry, const fs::path& base) {
  if (entry.empty()) throw Error(ExitCode::kUsage, "expected the path of a file, found ''");
  const fs::path path = base / entry;
  const FileKind kind = kind_of(path);
  if (kind == FileKind::kFolder) return files_in(path);
  if (kind != FileKind::kMissing) return {path};
  if (has_pattern(entry)) return files_matching(entry, base);
  throw Error(ExitCode::kUsage, path.string() + ": no such file");
}

constexpr auto kDatasetKeys = {"input", "target", "axes", "mask"};

void read_datasets(JsonObject& object, VolumesConfig& config) {
  config.other_inputs = object.strings("input", true);
  for (const std::string& path : config.other_inputs) check_path(object, "input", path);
  if (!config.other_inputs.empty()) {
    config.input = config.other_inputs.front();
    config.other_inputs.erase(config.other_inputs.begin());
  }
  config.target = object.string("target");
  check_path(object, "target", config.target);
  config.axes = object.string("axes", "");
  const std::string error = config.axes.empty() ? "" : axes_error(config.axes);
  if (!error.empty()) object.error("axes", error);
  config.mask = object.string("mask", "");
  check_path(object, "mask", config.mask);
}

void refuse_labels(JsonObject& object) {
  object.error("labels",
               "requires volumes of other formats, found HDF5 files, which hold input and target; "
               "name their datasets as \"input\" and \"target\"");
  for (const char* key : kDatasetKeys) static_cast<void>(object.has(key));  // is known
}

// What an import makes of scans has datasets of these names.
void read_labels(JsonObject& object, VolumesConfig& config) {
  config.labels = object.strings("labels", true);
  for (const char* key : kDatasetKeys)
    if (object.has(key))
      object.error(key, "requires HDF5 files, found volumes of other formats; leave it out");
  config.input = "*/raw";
  config.target = "*/label";
}

}  // namespace

VolumesConfig read_volumes_config(JsonObject& object, const AreScans& are_scans) {
  VolumesConfig config;
  config.files = object.strings("files", true);
  config.are_scans = object.has("labels");
  try {
    if (are_scans && !config.files.empty())
      config.are_scans = are_scans(config.files, config.are_scans);
  } catch (const Error& error) {
    object.error("files", error.what());
  }
  if (config.are_scans)
    read_labels(object, config);
  else if (object.has("labels"))
    refuse_labels(object);
  else
    read_datasets(object, config);
  config.cases = object.strings("cases", false);
  if (const auto twice = repeated_name(config.cases); !twice.empty())
    object.error("cases", "duplicate case " + in_quotes(twice) + "; remove one of the two");
  if (object.has("roi")) {
    JsonObject roi = *object.object("roi", true);
    config.roi = read_ranges(roi);
  }
  object.finish();
  return config;
}

std::vector<std::string> remove_repeated(std::vector<fs::path>& files) {
  std::map<std::pair<dev_t, ino_t>, fs::path> known;
  std::map<fs::path, std::string> notes;  // by file, each once
  std::vector<fs::path> kept;
  for (const fs::path& file : files) {
    struct stat status {};
    if (stat(file.c_str(), &status) != 0) {
      kept.push_back(file);
      continue;
    }
    const fs::path name = file.lexically_normal();
    const auto [first, is_new] = known.emplace(std::pair(status.st_dev, status.st_ino), name);
    if (is_new)
      kept.push_back(file);
    else if (first->second == name)
      notes[name] = name.string() + " is named more than once, and counts once";
    else
      notes[name] = name.string() + " is another name of " + first->second.string() +
                    ", and the file counts once";
  }
  files = std::move(kept);
  std::vector<std::string> sentences;
  for (const auto& [file, note] : notes) sentences.push_back(note);
  return sentences;
}

std::vector<fs::path> expand_files(const std::vector<std::string>& files, const fs::path& base) {
  std::vector<fs::path> paths;
  for (const std::string& entry : files) {
    std::vector<fs::path> found = expand(entry, base);
    std::sort(found.begin(), found.end());
    paths.insert(paths.end(), found.begin(), found.end());
  }
  return paths;
}

}  // namespace lucid
