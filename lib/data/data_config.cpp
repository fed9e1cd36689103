#include "data/data_config.h"

#include <nlohmann/json.hpp>

namespace lucid {
namespace {

// A number, or one a channel.
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
    object.problem(key, "expected a number or " + std::to_string(channels) +
                            " of them, one a channel, found " + std::to_string(numbers.size()));
  return {numbers.begin(), numbers.end()};
}

Json list_or_number(const std::vector<float>& values) {
  return values.size() == 1 ? Json(values[0]) : Json(values);
}

}  // namespace

bool read_normalization(JsonObject& data, Shape::Extent channels, Normalization& normalization) {
  const Json* value = data.find("normalize");
  if (value == nullptr || value->is_null()) return false;
  if (*value == "auto") return true;
  if (!value->is_object()) {
    data.expected("normalize", "null, 'auto' or {\"mean\": .., \"std\": ..}", *value);
    return false;
  }
  JsonObject object = *data.object("normalize", true);
  normalization.mean = per_channel(object, "mean", {}, channels);
  normalization.std = per_channel(object, "std", {.low = 0, .above_low = true}, channels);
  object.finish();
  if (normalization.mean.size() < normalization.std.size())
    normalization.mean.resize(normalization.std.size(), normalization.mean[0]);
  if (normalization.std.size() < normalization.mean.size())
    normalization.std.resize(normalization.mean.size(), normalization.std[0]);
  return false;
}

Json normalization_json(const Normalization& normalization) {
  if (normalization.is_empty()) return {};
  return {{"mean", list_or_number(normalization.mean)}, {"std", list_or_number(normalization.std)}};
}

namespace {

void read_patches(JsonObject& data, const std::optional<Shape>& input, DataConfig& config) {
  if (!data.has("patch")) return;
  JsonObject patch = *data.object("patch", true);
  std::optional<Triple> size;
  if (input) size = {(*input)[1], (*input)[2], (*input)[3]};
  config.patch = read_patch_config(patch, size);
}

VolumesConfig read_set(JsonObject& set, const DataConfig& config) {
  VolumesConfig volumes = read_volumes_config(set);
  for (const char* key : {"roi", "mask"})
    if (set.has(key) && !config.patch)
      set.problem(key, "expected \"patch\" in data beside it, found none");
  return volumes;
}

}  // namespace

DataConfig read_data_config(JsonObject& data, const std::optional<Shape>& input) {
  DataConfig config;
  read_patches(data, input, config);
  if (auto train = data.object("train", true)) config.train = read_set(*train, config);
  if (data.has("validation")) {
    JsonObject validation = *data.object("validation", true);
    config.validation = read_set(validation, config);
  }
  config.batch_size = data.integer("batch_size", {1, 1 << 24}, config.batch_size);
  config.shuffle = data.boolean("shuffle", config.shuffle);
  config.drop_last = data.boolean("drop_last", config.drop_last);
  config.cache_mb = data.integer("cache_mb", {0, std::int64_t{1} << 30}, config.cache_mb);
  config.workers = data.integer("workers", {0, 256}, config.workers);
  config.prefetch = data.integer("prefetch", {1, 1024}, config.prefetch);
  config.normalize_auto = read_normalization(data, input ? (*input)[0] : 0, config.normalization);
  config.augmentation = read_augmentation(data);
  data.finish();
  return config;
}

}  // namespace lucid
