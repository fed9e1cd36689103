#include "data/augment/reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace lucid {
namespace {

std::vector<double> numbers_of(const Json& value) {
  std::vector<double> numbers;
  if (value.is_number()) numbers.push_back(value.get<double>());
  if (value.is_array() && std::ranges::all_of(value, [](const Json& x) { return x.is_number(); }))
    for (const Json& x : value) numbers.push_back(x.get<double>());
  return numbers;
}

Range around(double x, const RangeRule& rule) {
  if (rule.number == RangeRule::Number::kUpTo) return {0, x};
  return {rule.centre - x, rule.centre + x};
}

bool is_within(const Range& range, const RangeRule& rule) {
  return rule.low <= range.low && range.low <= range.high && range.high <= rule.high;
}

std::string limits_of(const RangeRule& rule) {
  return "within " + number_text(rule.low) + " .. " + number_text(rule.high);
}

// Takes one, two, three or six numbers; any other count has no meaning.
std::optional<AxisRanges> ranges_of(const std::vector<double>& x, const RangeRule& rule) {
  AxisRanges ranges;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (x.size() == 1)
      ranges[axis] = around(x[0], rule);
    else if (x.size() == 2)
      ranges[axis] = {x[0], x[1]};
    else if (x.size() == 3)
      ranges[axis] = around(x[axis], rule);
    else if (x.size() == 6)
      ranges[axis] = {x[2 * axis], x[2 * axis + 1]};
    else
      return std::nullopt;
    if (!is_within(ranges[axis], rule)) return std::nullopt;
  }
  return ranges;
}

}  // namespace

std::vector<std::size_t> axes_named(const std::string& letters) {
  constexpr std::string_view kLetters = "dhw";
  std::vector<std::size_t> axes;
  for (const char letter : letters) {
    const std::size_t axis = kLetters.find(letter);
    if (axis == std::string_view::npos || std::ranges::find(axes, axis) != axes.end()) return {};
    axes.push_back(axis);
  }
  return axes;
}

std::array<double, 3> draw(const AxisRanges& ranges, Rng& rng) {
  std::array<double, 3> drawn{};
  for (std::size_t axis = 0; axis < 3; ++axis) drawn[axis] = ranges[axis].draw(rng);
  return drawn;
}

double TransformReader::p() { return object_.number("p", {.low = 0, .high = 1}, 1.0); }

ChannelChoice TransformReader::channels() {
  if (!object_.has("p_per_channel")) return {};
  return {object_.number("p_per_channel", {.low = 0, .high = 1})};
}

std::array<bool, 3> TransformReader::axes() {
  const std::string letters = object_.string("axes", "dhw");
  const std::vector<std::size_t> named = axes_named(letters);
  if (named.empty())
    object_.error("axes", "expected different letters of d, h, w, found " + in_quotes(letters));
  std::array<bool, 3> axes{};
  for (const std::size_t axis : named) axes[axis] = true;
  return axes;
}

std::vector<std::size_t> TransformReader::plane() {
  if (!object_.has("planes")) return {};
  const std::string letters = object_.string("planes");
  std::vector<std::size_t> axes = axes_named(letters);
  if (axes.size() != 2 && object_.is_sound())
    object_.error("planes",
                  "expected two different letters of d, h, w, found " + in_quotes(letters));
  return axes;
}

Range TransformReader::range(std::string_view key, const RangeRule& rule, const Range& fallback) {
  if (!object_.has(key)) return fallback;
  const Json& value = *object_.find(key);
  const std::vector<double> numbers = numbers_of(value);
  const auto ranges = numbers.size() <= 2 ? ranges_of(numbers, rule) : std::nullopt;
  if (ranges) return (*ranges)[0];
  object_.expected(key, "a number >= 0 or [low, high], the range " + limits_of(rule), value);
  return fallback;
}

AxisRanges TransformReader::axis_ranges(std::string_view key, const RangeRule& rule,
                                        const Range& fallback) {
  const AxisRanges otherwise{fallback, fallback, fallback};
  if (!object_.has(key)) return otherwise;
  const Json& value = *object_.find(key);
  if (const auto ranges = ranges_of(numbers_of(value), rule)) return *ranges;
  object_.expected(key,
                   "a number >= 0, [low, high], or three or six numbers for d, h, w, the ranges " +
                       limits_of(rule),
                   value);
  return otherwise;
}

std::array<double, 3> TransformReader::axis_numbers(std::string_view key) {
  constexpr NumberRange kRange{.low = 0};
  const Json* value = object_.find(key);
  if (value == nullptr || !value->is_array()) {
    const double x = object_.number(key, kRange);
    return {x, x, x};
  }
  const std::vector<double> numbers = object_.numbers(key, kRange);
  if (numbers.size() == 3) return {numbers[0], numbers[1], numbers[2]};
  if (!numbers.empty()) object_.expected(key, "a number >= 0 or [d, h, w] of them", *value);
  return {};
}

Padding TransformReader::padding() {
  Padding padding;
  if (object_.has("fill")) padding.volume = fill("fill");
  if (padding.volume) padding.labels = 0.F;
  if (object_.has("label_fill")) padding.labels = fill("label_fill");
  return padding;
}

std::optional<float> TransformReader::fill(std::string_view key) {
  const Json& value = *object_.find(key);
  if (value.is_number()) return value.get<float>();
  if (value != "border") object_.expected(key, "a number or 'border'", value);
  return std::nullopt;
}

}  // namespace lucid
