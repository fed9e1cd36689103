#include "formats/dicom/dicom_series.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "formats/dicom/dicom.h"
#include "formats/dicom/dicom_elements.h"
#include "formats/headers/words.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

// Hidden files and folders are left out, as everywhere.
Paths dicom_files_in(const fs::path& folder) {
  Paths files;
  std::error_code error;
  fs::directory_iterator entries(folder.empty() ? "." : folder, error);
  if (error) fail(folder.string(), "its files cannot be listed: " + error.message());
  for (const fs::directory_entry& entry : entries) {
    const bool is_hidden = entry.path().filename().string().starts_with('.');
    if (!is_hidden && entry.is_regular_file(error) && is_dicom(entry.path()))
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

// Keeps what is plain in names of files and datasets; runs of other characters become one '_'.
std::string plain_name(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '+';
    if (is_plain)
      name += c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name;
}

std::string name_of(const DicomElements& elements, std::set<std::string>& taken) {
  const std::string number = plain_name(elements.text(DicomTag::kSeriesNumber));
  const std::string description = plain_name(elements.text(DicomTag::kSeriesDescription));
  std::string name = number + (number.empty() || description.empty() ? "" : "_") + description;
  if (name.empty()) name = "series";
  std::string unique = name;
  for (int i = 2; !taken.insert(unique).second; ++i) unique = name + "_" + std::to_string(i);
  return unique;
}

std::int64_t order_of(const DicomSeries& series) {
  return number_of<std::int64_t>(series.number).value_or(0);
}

std::string names_of(const DicomFolder& found) {
  std::vector<std::string> names;
  for (const DicomSeries& each : found.series) names.push_back(each.name);
  return join(names, ", ");
}

const DicomSeries& series_named(const DicomFolder& found, const DicomChoice& choice) {
  const std::string place = choice.folder.string();
  std::vector<const DicomSeries*> fitting;
  for (const DicomSeries& each : found.series)
    if (choice.series.empty() || choice.series == each.name || choice.series == each.number ||
        choice.series == each.uid)
      fitting.push_back(&each);
  if (fitting.size() == 1) return *fitting.front();
  if (found.series.empty())
    throw Error(ExitCode::kUsage, place + ": expected DICOM files with images, found none");
  throw Error(ExitCode::kUsage,
              place + ": " +
                  (choice.series.empty()
                       ? "holds " + std::to_string(found.series.size()) + " series"
                       : "expected one series " + in_quotes(choice.series) + ", found " +
                             (fitting.empty() ? "none" : std::to_string(fitting.size()))) +
                  "; say which, as " + place + ":" + found.series.front().name +
                  "; known: " + names_of(found));
}

// The path that names one of the series of a folder.
fs::path path_of(const fs::path& folder, const DicomFolder& found, const DicomSeries& series) {
  return found.series.size() == 1 ? folder : fs::path(folder.string() + ":" + series.name);
}

}  // namespace

DicomFolder dicom_folder(const fs::path& folder) {
  DicomFolder found;
  std::map<std::string, std::size_t> by_uid;
  std::set<std::string> names;
  for (const fs::path& file : dicom_files_in(folder)) {
    const DicomElements elements = read_dicom(file);
    if (elements.pixels_at == 0) {
      ++found.others;
      continue;
    }
    const std::string uid = elements.text(DicomTag::kSeriesUid);
    const auto [at, is_new] = by_uid.emplace(uid, found.series.size());
    if (is_new)
      found.series.push_back(
          {uid, elements.text(DicomTag::kSeriesNumber), name_of(elements, names), {}});
    found.series[at->second].files.push_back(file);
  }
  std::ranges::sort(found.series, [](const DicomSeries& a, const DicomSeries& b) {
    return std::pair(order_of(a), a.name) < std::pair(order_of(b), b.name);
  });
  return found;
}

DicomChoice dicom_choice(const fs::path& path) {
  const std::string text = path.string();
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || kind_of(path) != FileKind::kMissing) return {path, ""};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string dicom_series_of(const fs::path& path) {
  const DicomChoice choice = dicom_choice(path);
  const bool is_chosen = !choice.series.empty() && kind_of(choice.folder) == FileKind::kFolder;
  return is_chosen && is_dicom_path(choice.folder) ? choice.series : std::string();
}

bool is_dicom_path(const fs::path& path) {
  const FileKind kind = kind_of(path);
  if (kind == FileKind::kFile) return is_dicom(path);
  if (kind == FileKind::kFolder) return !dicom_files_in(path).empty();
  return !dicom_series_of(path).empty();
}

Paths dicom_volumes_in(const fs::path& folder) {
  if (dicom_files_in(folder).empty()) return {};
  const DicomFolder found = dicom_folder(folder);
  Paths volumes;
  for (const DicomSeries& each : found.series) volumes.push_back(path_of(folder, found, each));
  return volumes;
}

Paths with_whole_series(const Paths& paths) {
  Paths volumes;
  std::map<fs::path, std::map<fs::path, fs::path>> known;  // by folder: the volume of each file
  std::set<fs::path> added;
  for (const fs::path& path : paths) {
    if (kind_of(path) != FileKind::kFile || !is_dicom(path)) {
      volumes.push_back(path);
      continue;
    }
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (!known.contains(folder)) {
      const DicomFolder found = dicom_folder(folder);
      for (const DicomSeries& each : found.series)
        for (const fs::path& file : each.files)
          known[folder][file.filename()] = path_of(folder, found, each);
    }
    const auto volume = known[folder].find(path.filename());
    const bool is_image = volume != known[folder].end();
    if (is_image && added.insert(volume->second).second) volumes.push_back(volume->second);
  }
  return volumes;
}

Paths dicom_files(const fs::path& path) {
  if (kind_of(path) != FileKind::kFile) {
    const DicomChoice choice = dicom_choice(path);
    return series_named(dicom_folder(choice.folder), choice).files;
  }
  const std::string uid = read_dicom(path).text(DicomTag::kSeriesUid);
  for (DicomSeries& each : dicom_folder(path.parent_path() / "").series)
    if (each.uid == uid && !uid.empty()) return std::move(each.files);
  return {path};
}

}  // namespace lucid
