#include "train/config/scan_config.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "data/volumes/file_patterns.h"
#include "formats/open/folder.h"
#include "formats/open/open_volume.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

enum class SetFormat { kUnknown, kHdf5, kScans };

bool has_hdf5_name(const fs::path& path) {
  return path.extension() == ".h5" || path.extension() == ".hdf5";
}

// HDF5 files may have any name, but for those of other formats.
SetFormat format_of_file(const fs::path& file) {
  return !has_hdf5_name(file) && is_volume(file) ? SetFormat::kScans : SetFormat::kHdf5;
}

// As in folders of inputs of lucid-infer, HDF5 files come before others.
SetFormat format_of_folder(const fs::path& folder) {
  std::error_code unreadable;  // which volumes_in() tells
  for (const auto& entry : fs::directory_iterator(folder, unreadable))
    if (has_hdf5_name(entry.path()) && !entry.is_directory(unreadable)) return SetFormat::kHdf5;
  return volumes_in(folder).empty() ? SetFormat::kUnknown : SetFormat::kScans;
}

SetFormat format_of(const std::string& entry, const fs::path& base) {
  const fs::path path = base / entry;
  if (names_one_volume(path.string())) return SetFormat::kScans;
  const FileKind kind = kind_of(path);
  if (kind == FileKind::kFolder) return format_of_folder(path);
  if (kind != FileKind::kMissing) return format_of_file(path);
  if (has_pattern(entry))
    for (const fs::path& match : paths_matching(entry, base))
      return kind_of(match) == FileKind::kFolder ? SetFormat::kScans : format_of_file(match);
  if (has_hdf5_name(path)) return SetFormat::kHdf5;
  return volume_extension(path).empty() ? SetFormat::kUnknown : SetFormat::kScans;
}

}  // namespace

bool are_scans(const std::vector<std::string>& files, bool has_labels, const fs::path& base) {
  std::string hdf5, scans;
  for (const std::string& entry : files) {
    if (entry.empty()) continue;  // is refused when it is resolved
    const SetFormat format = format_of(entry, base);
    if (format == SetFormat::kHdf5 && hdf5.empty()) hdf5 = entry;
    if (format == SetFormat::kScans && scans.empty()) scans = entry;
  }
  if (!hdf5.empty() && !scans.empty())
    throw Error(ExitCode::kUsage, "expected either HDF5 files or volumes of other formats, found " +
                                      in_quotes(hdf5) + " and " + in_quotes(scans));
  return hdf5.empty() && scans.empty() ? has_labels : hdf5.empty();
}

std::vector<std::string> resolve_files(std::vector<std::string>& entries, bool are_scans,
                                       const fs::path& base) {
  std::vector<fs::path> expanded =
      are_scans ? expand_volumes(entries, base) : expand_files(entries, base);
  for (fs::path& path : expanded) path = fs::absolute(path).lexically_normal();
  std::vector<std::string> notes = remove_repeated(expanded);
  entries.clear();
  for (const fs::path& path : expanded) entries.push_back(path.string());
  return notes;
}

}  // namespace lucid
