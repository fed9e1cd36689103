#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "data/array/axes.h"
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

// Escapes the characters of the base that have a meaning in globs.
std::string escaped(const std::string& path) {
  std::string text;
  for (const char c : path) {
    if (std::string_view("*?[\\").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

// Why a folder could not be listed; glob() passes nothing else to its callback.
thread_local int unreadable = 0;

int note_unreadable(const char*, int reason) {
  if (reason == ENOENT) return 0;
  unreadable = reason;
  return 1;
}

std::vector<fs::path> matches_of(const std::string& pattern, const fs::path& base) {
  const fs::path whole = fs::path(escaped(base.string())) / pattern;
  glob_t matches{};
  unreadable = 0;
  const std::unique_ptr<glob_t, void (*)(glob_t*)> owner(&matches, globfree);
  std::vector<fs::path> found;
  if (glob(whole.c_str(), 0, note_unreadable, &matches) == 0) {
    for (std::size_t i = 0; i < matches.gl_pathc; ++i) {
      const fs::path match(matches.gl_pathv[i]);
      if (is_store_name(match) || !fs::is_directory(match)) found.push_back(match);
    }
  }
  if (unreadable != 0)
    throw Error(ExitCode::kData, (base / pattern).string() + ": cannot be read: " +
                                     std::generic_category().message(unreadable));
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
  if (entry.find_first_of("*?[") != std::string::npos) return matches_of(entry, base);
  throw Error(ExitCode::kUsage, path.string() + ": no such file");
}

}  // namespace

VolumesConfig read_volumes_config(JsonObject& object) {
  VolumesConfig config;
  config.files = object.strings("files", true);
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
