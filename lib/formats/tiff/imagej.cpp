#include "formats/tiff/imagej.h"

#include <cmath>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "formats/headers/words.h"

namespace lucid {
namespace {

using Fields = std::map<std::string, std::string>;

Fields fields_of(const std::string& description) {
  Fields fields;
  for (const std::string& line : split(description, '\n'))
    if (const auto equals = line.find('='); equals != std::string::npos)
      fields.emplace(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
  return fields;
}

std::string text_of(const Fields& fields, const std::string& name) {
  const auto at = fields.find(name);
  return at == fields.end() ? std::string() : at->second;
}

std::int64_t count_of(const Fields& fields, const std::string& name, const std::string& place) {
  const std::string text = text_of(fields, name);
  if (text.empty()) return 1;
  // No file has more pages.
  constexpr std::int64_t kMost = std::int64_t{1} << 31;
  const auto count = number_of<std::int64_t>(text);
  if (!count || *count < 1 || *count > kMost)
    fail(place, "ImageJ: " + name + ": expected a positive integer, found " + in_quotes(text));
  return *count;
}

// ImageJ writes a micrometre as "micron", or the first letter as \u00B5 or in Latin-1.
std::string unit_of(const Fields& fields) {
  std::string unit = text_of(fields, "unit");
  if (unit == "\\u00B5m" || unit == "\xb5m") return "um";
  return unit;
}

std::optional<Geometry> geometry_of(const Fields& fields, const TiffPageShape& shape,
                                    std::vector<std::string>& warnings) {
  const std::string spacing = text_of(fields, "spacing");
  if (shape.x_resolution <= 0 || shape.y_resolution <= 0) return std::nullopt;
  // Programs that move along z towards smaller values write a negative spacing; 1 is left out.
  const double depth = spacing.empty() ? 1 : std::abs(number_of<double>(spacing).value_or(0));
  return geometry_of_pages({depth, 1 / shape.y_resolution, 1 / shape.x_resolution}, unit_of(fields),
                           "ImageJ", warnings);
}

}  // namespace

bool is_imagej(const std::string& description) { return description.starts_with("ImageJ="); }

PageOrder imagej_order(const std::string& description, const TiffPageShape& shape,
                       std::size_t pages, const std::string& place) {
  const Fields fields = fields_of(description);
  StackExtents stack{count_of(fields, "slices", place), count_of(fields, "channels", place),
                     count_of(fields, "frames", place)};
  const std::int64_t images = count_of(fields, "images", place);
  const double product = static_cast<double>(stack.slices) * static_cast<double>(stack.channels) *
                         static_cast<double>(stack.frames);
  if (product == 1) stack.slices = images;
  const bool is_consistent = product == 1 || product == static_cast<double>(images);
  const bool fits = pages == 1 || static_cast<std::int64_t>(pages) == images;
  if (shape.samples > 1 && stack.channels > 1)
    fail(place, "ImageJ: expected one channel beside " + std::to_string(shape.samples) +
                    " samples of a pixel, found " + std::to_string(stack.channels));
  std::vector<std::string> warnings;
  if (!is_consistent || !fits) {
    warnings.push_back("ImageJ: says " + std::to_string(images) + " images, found " +
                       std::to_string(pages) + " pages, which are taken for slices");
    stack = {static_cast<std::int64_t>(pages), 1, 1};
  }
  // More than one image in one page follow each other: nothing has to be sorted.
  PageOrder order = pages > 1 || images == 1 ? ordered(stack, "CZT", {}) : PageOrder();
  if (order.axes.empty()) {
    for (const auto& [letter, extent] : {std::pair('n', stack.frames), std::pair('d', stack.slices),
                                         std::pair('c', stack.channels)})
      if (letter == 'd' || extent > 1) {
        order.axes += letter;
        order.extents.push_back(extent);
      }
  }
  order.warnings = std::move(warnings);
  order.geometry = geometry_of(fields, shape, order.warnings);
  return order;
}

}  // namespace lucid
