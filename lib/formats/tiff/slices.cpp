#include <algorithm>
#include <map>

#include "base/error.h"
#include "formats/headers/words.h"
#include "formats/tiff/imagej.h"
#include "formats/tiff/ome.h"
#include "formats/tiff/tiff.h"
#include "formats/tiff/tiff_bytes.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_tiff(const fs::path& path) {
  const std::string extension = lower(path.extension().string());
  return extension == ".tif" || extension == ".tiff";
}

// Splits "a12b3.tif" into "a", "12", "b", "3", ".tif".
std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts;
  for (const char c : name) {
    if (parts.empty() || is_digit(parts.back().front()) != is_digit(c)) parts.emplace_back();
    parts.back() += c;
  }
  return parts;
}

// Returns the files by the one number in which their names differ; none if they differ otherwise.
std::map<std::uint64_t, fs::path> by_number(const Paths& files) {
  std::vector<std::vector<std::string>> names;
  for (const fs::path& file : files) names.push_back(parts_of(file.filename().string()));
  std::optional<std::size_t> differing;
  for (const auto& name : names) {
    if (name.size() != names.front().size()) return {};
    for (std::size_t part = 0; part < name.size(); ++part) {
      if (name[part] == names.front()[part]) continue;
      if (differing && *differing != part) return {};
      differing = part;
    }
  }
  std::map<std::uint64_t, fs::path> numbered;
  for (std::size_t i = 0; i < files.size() && differing; ++i) {
    const auto number = number_of<std::uint64_t>(names[i][*differing]);
    if (!number || !numbered.emplace(*number, files[i]).second) return {};
  }
  return numbered;
}

bool has_one_page(const fs::path& path) {
  TiffFile file(path);
  return file.next() && !file.has_next();
}

}  // namespace

Paths slices_among(const Paths& files) {
  if (files.size() < 2 || !std::ranges::all_of(files, is_tiff)) return {};
  Paths sorted;
  for (const auto& [number, path] : by_number(files)) sorted.push_back(path);
  return std::ranges::all_of(sorted, has_one_page) ? sorted : Paths();
}

VolumeFile open_slices(const Paths& files, const std::string& place) {
  PageOrder order;
  TiffPage first;
  for (const fs::path& path : files) {
    TiffFile file(path);
    file.next();
    const TiffPage page = file.page();
    const bool is_first = path == files.front();
    if (is_first) {
      first = page;
      const std::string description = file.description();
      if (is_imagej(description)) order = imagej_order(description, page.shape, 1, file.place());
      if (is_ome(description)) order = ome_order(description, page.shape, 1, file.place());
    }
    if (!page.has_same_pixels(first))
      fail(file.place(), "expected " + first.text() + " as in " + files.front().string() +
                             ", another slice of its folder, found " + page.text());
  }
  order.extents = {static_cast<std::int64_t>(files.size())};
  order.axes = "d";
  auto file = std::make_shared<std::optional<TiffFile>>();
  auto go_to = [file, files](std::size_t at) -> TiffFile& {
    file->emplace(files[at]);
    (*file)->next();
    (*file)->page();
    return **file;
  };
  return {header_of_pages(first, std::move(order)),
          std::make_unique<TiffBytes>(std::move(go_to), files.size(), first), place};
}

}  // namespace lucid
