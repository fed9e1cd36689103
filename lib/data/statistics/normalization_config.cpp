#include "data/statistics/normalization_config.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace lucid {
namespace {

// Reads one number or a list with one number per channel.
std::vector<float> per_channel(JsonObject& object, const std::string& key, NumberRange range,
                               Shape::Extent channels) {
  const Json* value = object.find(key);
  std::vector<double> numbers;
  if (value != nullptr && value->is_array())
    numbers = object.numbers(key, range);
  else
    numbers = {object.number(key, range)};
  if (channels > 0 && object.is_sound() && numbers.size() != 1 &&
      numbers.size() != static_cast<std::size_t>(channels))
    object.error(key, "expected a number or " + std::to_string(channels) +
                          " of them, one per channel, found " + std::to_string(numbers.size()));
  return {numbers.begin(), numbers.end()};
}

// "mask": "nonzero": voxels that are 0 do not count and stay 0.
bool read_mask(JsonObject& object) {
  const std::array<std::string, 1> kinds{"nonzero"};
  return object.has("mask") && object.choice("mask", kinds) == kinds[0];
}

Json list_or_number(const std::vector<float>& values) {
  return values.size() == 1 ? Json(values[0]) : Json(values);
}

Normalization read_numbers(JsonObject& object, Shape::Extent channels) {
  Normalization numbers;
  numbers.mean = per_channel(object, "mean", {}, channels);
  numbers.std = per_channel(object, "std", {.low = 0, .above_low = true}, channels);
  if (object.has("min") || object.has("max")) {
    numbers.min = per_channel(object, "min", {}, channels);
    numbers.max = per_channel(object, "max", {}, channels);
  }
  numbers.keeps_zeros = read_mask(object);
  const std::size_t most =
      std::max({numbers.mean.size(), numbers.std.size(), numbers.min.size(), numbers.max.size()});
  for (std::vector<float>* list : {&numbers.mean, &numbers.std, &numbers.min, &numbers.max})
    if (list->size() == 1) list->resize(most, list->front());
  for (std::size_t i = 0; i < std::min(numbers.min.size(), numbers.max.size()); ++i)
    if (numbers.min[i] > numbers.max[i] && object.is_sound())
      object.error("min", "expected at most 'max', found " + number_text(numbers.min[i]) + " and " +
                              number_text(numbers.max[i]));
  return numbers;
}

// Reads a way to measure; "minmax" means the percentiles 0 and 100.
NormalizationRule read_rule(JsonObject& object) {
  static constexpr double kLow = 0.5, kHigh = 99.5;  // as nnU-Net for CT
  const std::array<std::string, 4> types{"zscore", "minmax", "percentile", "ct"};
  const std::array<std::string, 2> pers{"set", "volume"};
  NormalizationRule rule;
  const std::string type = object.choice("type", types);
  if (type != types[0]) rule.type = NormalizationType::kPercentile;
  if (type == types[3]) rule.type = NormalizationType::kCt;
  if (object.choice("per", pers, pers[0]) == pers[1]) rule.per = NormalizedPer::kVolume;
  if (type == types[3] && rule.per == NormalizedPer::kVolume)
    object.error("per",
                 "expected 'set' with \"type\": \"ct\", whose values are absolute, found "
                 "'volume'");
  if (type != types[3])
    rule.is_masked = read_mask(object);
  else if (object.has("mask"))
    object.error("mask",
                 "requires another type than 'ct', which measures the foreground, found "
                 "'ct'");
  const bool has_percentiles = type == types[2] || type == types[3];
  rule.low = object.number("low", {.low = 0, .high = 100}, has_percentiles ? kLow : rule.low);
  rule.high = object.number("high", {.low = 0, .high = 100}, has_percentiles ? kHigh : rule.high);
  for (const char* key : {"low", "high"})
    if (type == types[1] && object.has(key))
      object.error(key, "requires \"type\": \"percentile\" or \"zscore\", found 'minmax'");
  if (rule.low >= rule.high && object.is_sound())
    object.error("low", "expected a percentile below 'high', found " + found_text(Json(rule.low)) +
                            " and " + found_text(Json(rule.high)));
  return rule;
}

}  // namespace

NormalizeConfig read_normalize(JsonObject& data, Shape::Extent channels) {
  NormalizeConfig config;
  const Json* value = data.find("normalize");
  if (value == nullptr || value->is_null()) return config;
  if (*value == "auto") {
    config.rule.emplace();
    return config;
  }
  if (!value->is_object()) {
    data.expected("normalize", "null, 'auto' or an object", *value);
    return config;
  }
  JsonObject object = *data.object("normalize", true);
  if (object.has("type"))
    config.rule = read_rule(object);
  else
    config.given = read_numbers(object, channels);
  object.finish();
  return config;
}

Json normalization_json(const Normalization& normalization) {
  if (normalization.is_empty()) return {};
  Json json = {{"mean", list_or_number(normalization.mean)},
               {"std", list_or_number(normalization.std)}};
  if (!normalization.min.empty()) {
    json["min"] = list_or_number(normalization.min);
    json["max"] = list_or_number(normalization.max);
  }
  if (normalization.keeps_zeros) json["mask"] = "nonzero";
  return json;
}

}  // namespace lucid
