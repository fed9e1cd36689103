#include "formats/tiff/page_order.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "formats/headers/units.h"
#include "formats/headers/words.h"

namespace lucid {

std::int64_t PageOrder::count() const {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) product *= extent;
  return product;
}

PageOrder ordered(const StackExtents& stack, const std::string& dimensions,
                  const std::vector<std::size_t>& page_of) {
  const auto extent = [&](char letter) {
    return letter == 'Z' ? stack.slices : letter == 'C' ? stack.channels : stack.frames;
  };
  const auto stride = [&](char letter) {
    std::int64_t step = 1;
    for (const char each : dimensions) {
      if (each == letter) break;
      step *= extent(each);
    }
    return step;
  };
  std::string letters = stride('Z') < stride('C') ? "TCZ" : "TZC";
  std::erase_if(letters, [&](char each) { return each != 'Z' && extent(each) == 1; });
  PageOrder order;
  for (const char letter : letters) {
    order.axes += letter == 'Z' ? 'd' : letter == 'C' ? 'c' : 'n';
    order.extents.push_back(extent(letter));
  }
  bool is_identity = true;
  for (std::int64_t at = 0, count = order.count(); at < count; ++at) {
    std::int64_t plane = 0, rest = at;
    for (std::size_t axis = letters.size(); axis-- > 0; rest /= order.extents[axis])
      plane += rest % order.extents[axis] * stride(letters[axis]);
    const auto index = static_cast<std::size_t>(plane);
    order.pages.push_back(page_of.empty() ? index : page_of[index]);
    is_identity = is_identity && order.pages.back() == static_cast<std::size_t>(at);
  }
  if (is_identity) order.pages.clear();
  return order;
}

std::optional<Geometry> geometry_of_pages(const std::array<double, 3>& size,
                                          const std::string& unit, const std::string& source,
                                          std::vector<std::string>& warnings) {
  const std::string name = lower(trimmed(unit));
  if (name.empty() || name.starts_with("pixel") || name == "reference frame") return std::nullopt;
  const std::optional<double> millimetres = millimetres_of(unit);
  if (!millimetres) {
    warnings.push_back(source + ": its unit " + in_quotes(unit) +
                       " is not known, so that the size of voxels is left out");
    return std::nullopt;
  }
  std::array<double, 3> sides{};
  for (std::size_t axis = 0; axis < 3; ++axis) sides[axis] = size[axis] * *millimetres;
  if (std::ranges::all_of(sides, [](double side) { return side > 0 && std::isfinite(side); }))
    return plain_geometry(sides);
  warnings.push_back(source + ": the size of its voxels is no positive number and is left out");
  return std::nullopt;
}

}  // namespace lucid
