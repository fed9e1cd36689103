#include "base/json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace lucid {
namespace {

std::string range_text(IntegerRange range) {
  constexpr IntegerRange kAll;
  if (range.low == kAll.low && range.high == kAll.high) return "an integer";
  if (range.high == kAll.high) return "an integer >= " + std::to_string(range.low);
  if (range.low == kAll.low) return "an integer <= " + std::to_string(range.high);
  return "an integer from " + std::to_string(range.low) + " to " + std::to_string(range.high);
}

std::string range_text(NumberRange range) {
  std::string text = "a number";
  if (std::isfinite(range.low)) text += (range.above_low ? " > " : " >= ") + number_text(range.low);
  if (std::isfinite(range.high)) {
    if (std::isfinite(range.low)) text += " and";
    text += (range.below_high ? " < " : " <= ") + number_text(range.high);
  }
  return text;
}

bool in_range(std::int64_t value, IntegerRange range) {
  return value >= range.low && value <= range.high;
}

bool in_range(double value, NumberRange range) {
  return std::isfinite(value) && (range.above_low ? value > range.low : value >= range.low) &&
         (range.below_high ? value < range.high : value <= range.high);
}

// Returns nothing for integers beyond int64, so that they are reported as out of range.
std::optional<std::int64_t> integer_of(const Json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return std::nullopt;
  return value.get<std::int64_t>();
}

}  // namespace

JsonObject::JsonObject(const Json& value, std::string pointer, ConfigErrors& errors)
    : value_(&value), pointer_(std::move(pointer)), errors_(&errors) {
  if (value.is_object()) return;
  expected("", "an object", value);
  value_ = nullptr;
}

const Json* JsonObject::find(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  if (value_ == nullptr) return nullptr;
  const auto at = value_->find(std::string(key));
  return at == value_->end() ? nullptr : &*at;
}

bool JsonObject::has(std::string_view key) {
  const Json* value = find(key);
  return value != nullptr && !value->is_null();
}

bool JsonObject::holds_string(std::string_view key) {
  const Json* value = find(key);
  return value != nullptr && value->is_string();
}

const Json* JsonObject::required(std::string_view key, bool has_fallback, const std::string& what) {
  const Json* value = find(key);
  if (value != nullptr && value->is_null() && has_fallback) return nullptr;
  if (value == nullptr && !has_fallback && value_ != nullptr) {
    sound_ = false;
    missing_[std::string(key)] = errors_->add(
        pointer_, "expected the key " + in_quotes(key) + " (" + what + "), found none");
  }
  return value;
}

std::int64_t JsonObject::integer(std::string_view key, IntegerRange range,
                                 std::optional<std::int64_t> fallback) {
  const std::int64_t otherwise = fallback.value_or(std::max<std::int64_t>(range.low, 1));
  const Json* value = required(key, fallback.has_value(), range_text(range));
  if (value == nullptr) return otherwise;
  const auto read = integer_of(*value);
  if (read && in_range(*read, range)) return *read;
  expected(key, range_text(range), *value);
  return otherwise;
}

double JsonObject::number(std::string_view key, NumberRange range, std::optional<double> fallback) {
  const double otherwise = fallback.value_or(1.0);
  const Json* value = required(key, fallback.has_value(), range_text(range));
  if (value == nullptr) return otherwise;
  if (value->is_number() && in_range(value->get<double>(), range)) return value->get<double>();
  expected(key, range_text(range), *value);
  return otherwise;
}

bool JsonObject::boolean(std::string_view key, std::optional<bool> fallback) {
  const Json* value = required(key, fallback.has_value(), "true or false");
  if (value == nullptr) return fallback.value_or(false);
  if (value->is_boolean()) return value->get<bool>();
  expected(key, "true or false", *value);
  return fallback.value_or(false);
}

std::string JsonObject::string(std::string_view key, std::optional<std::string> fallback) {
  const Json* value = required(key, fallback.has_value(), "a string");
  if (value == nullptr) return fallback.value_or("");
  if (value->is_string()) return value->get<std::string>();
  expected(key, "a string", *value);
  return fallback.value_or("");
}

std::string JsonObject::choice(std::string_view key, std::span<const std::string> known,
                               std::optional<std::string> fallback) {
  const std::string what = "one of " + join(known, ", ");
  const std::string otherwise = fallback.value_or(known.empty() ? "" : known.front());
  const Json* value = required(key, fallback.has_value(), what);
  if (value == nullptr) return otherwise;
  if (!value->is_string()) {
    expected(key, what, *value);
    return otherwise;
  }
  const auto word = value->get<std::string>();
  if (std::find(known.begin(), known.end(), word) != known.end()) return word;
  const bool is_close = !closest_match(word, known).empty();
  error(key, "expected " + what + ", found " + in_quotes(word) +
                 (is_close ? suggestion(word, known) : ""));
  return otherwise;
}

Triple JsonObject::triple(std::string_view key, IntegerRange range,
                          std::optional<Triple> fallback) {
  const std::string what = range_text(range) + " or [d, h, w] of them";
  const std::int64_t legal = std::max<std::int64_t>(range.low, 1);
  const Triple otherwise = fallback.value_or(Triple{legal, legal, legal});
  const Json* value = required(key, fallback.has_value(), what);
  if (value == nullptr) return otherwise;
  Triple read{};
  bool good = value->is_array() ? value->size() == read.size() : value->is_number_integer();
  for (std::size_t axis = 0; good && axis < read.size(); ++axis) {
    const auto extent = integer_of(value->is_array() ? (*value)[axis] : *value);
    good = extent && in_range(*extent, range);
    if (good) read[axis] = *extent;
  }
  if (good) return read;
  expected(key, what, *value);
  return otherwise;
}

std::vector<double> JsonObject::numbers(std::string_view key, NumberRange range) {
  const Json* value = find(key);
  if (value == nullptr || value->is_null()) return {};
  std::vector<double> read;
  bool good = value->is_array() && !value->empty();
  for (std::size_t i = 0; good && i < value->size(); ++i) {
    good = (*value)[i].is_number() && in_range((*value)[i].get<double>(), range);
    if (good) read.push_back((*value)[i].get<double>());
  }
  if (good) return read;
  expected(key, "a list of numbers, each " + range_text(range), *value);
  return {};
}

std::vector<std::string> JsonObject::strings(std::string_view key, bool is_required) {
  const Json* value = required(key, !is_required, "a string or a list of strings");
  if (value == nullptr || (value->is_null() && !is_required)) return {};
  if (value->is_string()) return {value->get<std::string>()};
  std::vector<std::string> read;
  bool good = value->is_array() && !value->empty();
  for (std::size_t i = 0; good && i < value->size(); ++i) {
    good = (*value)[i].is_string();
    if (good) read.push_back((*value)[i].get<std::string>());
  }
  if (good) return read;
  expected(key, "a string or a list of strings", *value);
  return {};
}

std::optional<JsonObject> JsonObject::object(std::string_view key, bool is_required) {
  const Json* value = required(key, !is_required, "an object");
  if (value == nullptr) return std::nullopt;
  JsonObject child(*value, child_pointer(pointer_, key), *errors_);
  sound_ = sound_ && child.is_sound();
  return child;
}

std::vector<JsonObject> JsonObject::objects(std::string_view key) {
  constexpr std::size_t kMost = 10000;
  const std::string what = "a list of objects, at least one";
  const Json* value = required(key, false, what);
  if (value == nullptr) return {};
  const bool is_long = value->is_array() && value->size() > kMost;
  if (!value->is_array() || value->empty() || is_long) {
    expected(key, is_long ? "a list of at most 10,000 objects" : what, *value);
    return {};
  }
  std::vector<JsonObject> children;
  for (std::size_t i = 0; i < value->size(); ++i)
    children.emplace_back((*value)[i], child_pointer(pointer_, key) + "/" + std::to_string(i),
                          *errors_);
  return children;
}

void JsonObject::only(std::string_view key, const Json& allowed) {
  const Json* value = find(key);
  if (value != nullptr && *value != allowed)
    expected(key, found_text(allowed) + " (the only value supported)", *value);
}

void JsonObject::only_null(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) only(key, Json());
}

void JsonObject::error(std::string_view key, const std::string& message) {
  sound_ = false;
  errors_->add(key.empty() ? pointer_ : child_pointer(pointer_, key), message);
}

void JsonObject::expected(std::string_view key, const std::string& what, const Json& found) {
  error(key, "expected " + what + ", found " + found_text(found));
}

void JsonObject::finish() {
  if (value_ == nullptr) return;
  for (const auto& [key, value] : value_->items()) {
    if (std::ranges::find(known_, key) != known_.end()) continue;
    if (errors_->is_full()) {
      error(key, "unknown key");
      continue;
    }
    // A required key that is misspelled is one error, not a missing key and an unknown one.
    const auto meant = missing_.find(closest_match(key, known_));
    if (meant != missing_.end()) errors_->take_back(meant->second);
    error(key, "unknown key" + suggestion(key, known_));
  }
}

}  // namespace lucid
