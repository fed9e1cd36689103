#include "formats/tiff/ome.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "formats/headers/words.h"
#include "formats/tiff/xml.h"

namespace lucid {
namespace {

// The part of the XML that says what the pages are.
struct OmeImage {
  XmlTag pixels;
  std::vector<XmlTag> data;     // TiffData
  std::set<std::string> files;  // that these name
  std::size_t images = 0;
};

[[noreturn]] void refuse(const std::string& place, const std::string& message) {
  fail(place, "OME-XML: " + message);
}

constexpr const char* kManyFiles =
    "expected all planes in this file, found a set of files; Bio-Formats' bfconvert makes one of "
    "it";

OmeImage first_image(const std::string& description, const std::string& place) {
  OmeImage image;
  XmlReader reader(description);
  while (const auto tag = reader.next()) {
    if (tag->name == "BinaryOnly") refuse(place, kManyFiles);
    if (tag->name == "Image" && !tag->is_end) ++image.images;
    if (image.images != 1 || tag->is_end) continue;
    if (tag->name == "Pixels" && image.pixels.name.empty()) image.pixels = *tag;
    if (tag->name == "TiffData") image.data.push_back(*tag);
    if (tag->name == "UUID" && tag->find("FileName") != nullptr)
      image.files.insert(*tag->find("FileName"));
  }
  if (image.pixels.name.empty()) refuse(place, "expected an element Pixels, found none");
  if (image.files.size() > 1) refuse(place, kManyFiles);
  return image;
}

// Returns the attribute as an integer from `least`, or `otherwise` without it.
std::int64_t integer(const XmlTag& tag, const std::string& name, std::int64_t least,
                     std::int64_t otherwise, const std::string& place) {
  const std::string* text = tag.find(name);
  if (text == nullptr) return otherwise;
  constexpr std::int64_t kMost = std::int64_t{1} << 31;
  const auto value = number_of<std::int64_t>(trimmed(*text));
  if (!value || *value < least || *value > kMost)
    refuse(place, name + ": expected an integer of at least " + std::to_string(least) + ", found " +
                      in_quotes(*text));
  return *value;
}

std::string dimensions_of(const XmlTag& pixels, const std::string& place) {
  const std::string* text = pixels.find("DimensionOrder");
  const std::string order = text == nullptr ? "XYCZT" : *text;
  std::string letters = order.size() == 5 && order.starts_with("XY") ? order.substr(2) : "";
  std::ranges::sort(letters);
  if (letters != "CTZ")
    refuse(place,
           "DimensionOrder: expected XY and an order of Z, C and T, found " + in_quotes(order));
  return order.substr(2);
}

// Returns the page of each plane, in the order of the dimensions.
std::vector<std::size_t> pages_of_planes(const OmeImage& image, const StackExtents& stack,
                                         const std::string& dimensions, std::size_t pages,
                                         std::int64_t samples, const std::string& place) {
  const auto count = static_cast<std::size_t>(stack.slices * stack.channels * stack.frames);
  std::vector<std::size_t> page_of(count, pages);
  std::vector<XmlTag> data = image.data;
  if (data.empty()) data.emplace_back();
  for (const XmlTag& tag : data) {
    std::int64_t plane = 0, stride = 1;
    for (const char letter : dimensions) {
      const std::string name = std::string("First") + letter;
      std::int64_t first = integer(tag, name, 0, 0, place);
      if (letter == 'C') first /= samples;
      const std::int64_t extent = letter == 'Z'   ? stack.slices
                                  : letter == 'C' ? stack.channels
                                                  : stack.frames;
      if (first >= extent)
        refuse(place, name + ": expected at most " + std::to_string(extent - 1) + ", found " +
                          std::to_string(first));
      plane += first * stride;
      stride *= extent;
    }
    const bool has_page = tag.find("IFD") != nullptr;
    const auto page = static_cast<std::size_t>(integer(tag, "IFD", 0, 0, place));
    const auto planes = static_cast<std::size_t>(
        integer(tag, "PlaneCount", 0, has_page ? 1 : static_cast<std::int64_t>(count), place));
    for (std::size_t i = 0; i < planes && static_cast<std::size_t>(plane) + i < count; ++i)
      page_of[static_cast<std::size_t>(plane) + i] = std::min(page + i, pages);
  }
  const auto missing = std::ranges::find(page_of, pages);
  if (missing != page_of.end())
    refuse(place, "expected a page for each of " + std::to_string(count) +
                      " planes, found none for plane " + std::to_string(missing - page_of.begin()) +
                      "; the file has " + std::to_string(pages) + " pages");
  return page_of;
}

std::optional<Geometry> geometry_of(const XmlTag& pixels, std::vector<std::string>& warnings) {
  std::array<double, 3> size{1, 1, 1};
  std::string unit;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::string name = std::string("PhysicalSize") + "ZYX"[axis];
    const std::string* text = pixels.find(name);
    const std::string* given = pixels.find(name + "Unit");
    const std::string own = given == nullptr ? "\u00b5m" : *given;
    if (text == nullptr && name.back() == 'Z' && integer(pixels, "SizeZ", 1, 1, "") == 1) continue;
    if (text == nullptr) return std::nullopt;
    size[axis] = number_of<double>(trimmed(*text)).value_or(0);
    if (unit.empty()) unit = own;
    if (own == unit) continue;
    warnings.emplace_back(
        "OME-XML: its axes have different units, so that the size of voxels is "
        "left out");
    return std::nullopt;
  }
  return geometry_of_pages(size, unit, "OME-XML", warnings);
}

void check_size(const XmlTag& pixels, const std::string& name, std::int64_t expected,
                const std::string& place) {
  const std::int64_t found = integer(pixels, name, 1, expected, place);
  if (found != expected)
    refuse(place, name + ": expected " + std::to_string(expected) + " as in the pages, found " +
                      std::to_string(found));
}

}  // namespace

bool is_ome(const std::string& description) {
  if (!description.starts_with("<") && !description.starts_with("\xef\xbb\xbf<")) return false;
  XmlReader reader(description);
  const auto root = reader.next();
  return root && root->name == "OME";
}

PageOrder ome_order(const std::string& description, const TiffPageShape& shape, std::size_t pages,
                    const std::string& place) {
  const OmeImage image = first_image(description, place);
  const XmlTag& pixels = image.pixels;
  check_size(pixels, "SizeX", shape.width, place);
  check_size(pixels, "SizeY", shape.height, place);
  const std::int64_t channels = integer(pixels, "SizeC", 1, shape.samples, place);
  StackExtents stack{integer(pixels, "SizeZ", 1, 1, place), channels / shape.samples,
                     integer(pixels, "SizeT", 1, 1, place)};
  if (channels % shape.samples != 0 || (shape.samples > 1 && stack.channels > 1))
    refuse(place, "SizeC: expected " + std::to_string(shape.samples) +
                      ", the samples of a pixel, found " + std::to_string(channels));
  const double planes = static_cast<double>(stack.slices) * static_cast<double>(stack.channels) *
                        static_cast<double>(stack.frames);
  if (planes > static_cast<double>(pages))
    refuse(place, image.files.empty()
                      ? "expected " + number_text(planes) + " pages, found " + std::to_string(pages)
                      : kManyFiles);
  const std::string dimensions = dimensions_of(pixels, place);
  PageOrder order = ordered(stack, dimensions,
                            pages_of_planes(image, stack, dimensions, pages, shape.samples, place));
  if (image.images > 1)
    order.warnings.push_back("OME-XML: describes " + std::to_string(image.images) +
                             " images, of which the first is read");
  order.geometry = geometry_of(pixels, order.warnings);
  return order;
}

}  // namespace lucid
