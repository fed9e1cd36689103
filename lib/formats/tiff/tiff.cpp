#include "formats/tiff/tiff.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "formats/tiff/imagej.h"
#include "formats/tiff/ome.h"
#include "formats/tiff/tiff_bytes.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// What a look at all pages of a file finds.
struct FoundPages {
  TiffPage page;  // the first, which the others are like
  std::string description;
  std::vector<std::uint64_t> offsets;  // of the pages' directories
};

FoundPages pages_of(TiffFile& file) {
  FoundPages found;
  for (std::size_t number = 1; file.next(); ++number) {
    if (number > 1 && file.is_reduced()) continue;
    const TiffPage page = file.page();
    if (found.offsets.empty()) {
      found.page = page;
      found.description = file.description();
    }
    if (!page.has_same_pixels(found.page))
      fail(file.place(), "page " + std::to_string(number) + ": expected " + found.page.text() +
                             " as in the first one, found " + page.text());
    found.offsets.push_back(file.offset());
  }
  return found;
}

// tifffile describes the array that it wrote as {"shape": [2, 3, 64, 64]}. Its axes are known where
// they are three, and have to be given otherwise.
std::optional<PageOrder> described_shape(const FoundPages& found) {
  if (!found.description.starts_with('{')) return std::nullopt;
  const Json json = Json::parse(found.description, nullptr, false);
  if (!json.is_object() || !json.contains("shape") || !json["shape"].is_array())
    return std::nullopt;
  PageOrder order;
  std::vector<std::int64_t> shape;
  for (const Json& extent : json["shape"]) {
    constexpr std::int64_t kMost = std::int64_t{1} << 31;
    if (!extent.is_number_integer() || extent < 1 || extent > kMost) return std::nullopt;
    shape.push_back(extent.get<std::int64_t>());
  }
  const std::size_t inside = found.page.shape.samples > 1 ? 3 : 2;
  if (shape.size() < inside) return std::nullopt;
  shape.resize(shape.size() - inside);
  for (const std::int64_t extent : shape)
    if (extent > 1) order.extents.push_back(extent);
  if (order.extents.empty()) order.extents.push_back(1);
  if (order.extents.size() == 1) order.axes = "d";
  double pages = 1;
  for (const std::int64_t extent : order.extents) pages *= static_cast<double>(extent);
  const bool fits = found.offsets.size() == 1 || pages == static_cast<double>(found.offsets.size());
  return fits ? std::optional(order) : std::nullopt;
}

PageOrder order_of(const FoundPages& found, const std::string& place) {
  const std::size_t pages = found.offsets.size();
  if (is_imagej(found.description))
    return imagej_order(found.description, found.page.shape, pages, place);
  if (is_ome(found.description))
    return ome_order(found.description, found.page.shape, pages, place);
  if (const auto order = described_shape(found)) return *order;
  return ordered({static_cast<std::int64_t>(pages), 1, 1}, "ZCT", {});
}

// Pages without a directory of their own follow the first one.
VolumeFile open_raw_pages(const fs::path& path, const FoundPages& found, PageOrder order) {
  const std::int64_t count = order.count();
  if (found.page.raw_offset == 0)
    fail(path.string(), "expected " + std::to_string(count) +
                            " pages, or uncompressed ones behind the first, found one page");
  VolumeHeader header = header_of_pages(found.page, std::move(order));
  header.coding.is_swapped = found.page.is_raw_swapped;
  return {std::move(header), open_bytes(path, found.page.raw_offset), path.string()};
}

}  // namespace

VolumeFile open_tiff(const fs::path& path) {
  auto file = std::make_shared<TiffFile>(path);
  const FoundPages found = pages_of(*file);
  PageOrder order = order_of(found, file->place());
  const std::size_t pages = found.offsets.size();
  if (pages == 1 && order.count() > 1) return open_raw_pages(path, found, std::move(order));
  const auto count = static_cast<std::size_t>(order.count());
  auto go_to = [file, offsets = found.offsets, sorted = order.pages](std::size_t at) -> TiffFile& {
    const std::size_t page = sorted.empty() ? at : sorted[at];
    file->go_to(offsets[page], page + 1);
    return *file;
  };
  return {header_of_pages(found.page, std::move(order)),
          std::make_unique<TiffBytes>(std::move(go_to), count, found.page), path.string()};
}

}  // namespace lucid
