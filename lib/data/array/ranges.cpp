#include "data/array/ranges.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/text.h"

namespace lucid {
namespace {

constexpr std::string_view kAxes = "dhw";
constexpr std::int64_t kMostVoxels = 1000000;  // along an axis

[[noreturn]] void refuse_range(const std::string& text) {
  throw Error(ExitCode::kUsage,
              "--region: expected AXIS=BEGIN:END with an axis of d h w (z y x) and "
              "voxel numbers, as w=:43,d=10:50, found " +
                  in_quotes(text));
}

// The limit keeps products of voxel counts far below what 64 bits hold.
std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [last, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc() || last != end || value < 0 || value > kMostVoxels)
    return std::nullopt;
  return value;
}

std::int64_t bound(const std::string& text, std::int64_t open, const std::string& ranges) {
  if (text.empty()) return open;
  const auto value = whole_number(text);
  if (!value) refuse_range(ranges);
  return *value;
}

}  // namespace

Ranges parse_ranges(const std::string& text) {
  Ranges ranges;
  for (const std::string& part : split(text, ',')) {
    const std::vector<std::string> sides = split(part, '=');
    const std::string letter = sides[0].size() == 1 ? sides[0] : "?";
    const std::size_t zyx = std::string_view("zyx").find(letter);
    const std::size_t axis = zyx < 3 ? zyx : kAxes.find(letter);
    const std::vector<std::string> bounds = split(sides.back(), ':');
    if (sides.size() != 2 || axis > 2 || bounds.size() != 2) refuse_range(text);
    ranges.begin[axis] = bound(bounds[0], 0, text);
    ranges.end[axis] = bound(bounds[1], -1, text);
  }
  return ranges;
}

Ranges read_ranges(JsonObject& object) {
  Ranges ranges;
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (const char letter : {kAxes[axis], "zyx"[axis]}) {
      const std::string key(1, letter);
      if (!object.has(key)) continue;
      const Json& range = *object.find(key);
      const auto is_voxel = [](const Json& value) {
        return value.is_number_integer() && value >= 0 && value <= kMostVoxels;
      };
      if (!range.is_array() || range.size() != 2 || !is_voxel(range[0]) ||
          !(range[1].is_null() || (is_voxel(range[1]) && range[0] < range[1]))) {
        object.expected(key, "[begin, end] with 0 <= begin < end, or null for the volume's end",
                        range);
        continue;
      }
      ranges.begin[axis] = range[0].get<std::int64_t>();
      if (!range[1].is_null()) ranges.end[axis] = range[1].get<std::int64_t>();
    }
  object.finish();
  return ranges;
}

std::string ranges_text(const Ranges& ranges) {
  std::vector<std::string> parts;
  for (std::size_t axis = 0; axis < 3; ++axis)
    parts.push_back(std::string(1, kAxes[axis]) + "=" + std::to_string(ranges.begin[axis]) + ":" +
                    std::to_string(ranges.end[axis]));
  return join(parts, ",");
}

Triple parse_size(const std::string& option, const std::string& text) {
  std::vector<std::int64_t> sizes;
  for (const std::string& part : split(text, ',')) sizes.push_back(whole_number(part).value_or(0));
  if (sizes.size() == 1) sizes.assign(3, sizes[0]);
  if (sizes.size() != 3 || *std::min_element(sizes.begin(), sizes.end()) < 1)
    throw Error(ExitCode::kUsage,
                option + ": expected S or D,H,W, each at least 1, found " + in_quotes(text));
  return {sizes[0], sizes[1], sizes[2]};
}

}  // namespace lucid
