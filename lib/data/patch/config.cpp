#include "data/patch/config.h"

#include <array>
#include <nlohmann/json.hpp>

#include "tensor/shape.h"

namespace lucid {
namespace {

constexpr IntegerRange kExtent{1, 1 << 24};

const std::array<std::string, 2> kSamplings{"random", "grid"};
const std::array<std::string, 2> kForegroundPer{"epoch", "batch"};
const std::array<std::string, 2> kPaddings{"constant", "reflect"};

PatchSampling sampling_named(const std::string& name) {
  return name == kSamplings[0] ? PatchSampling::kRandom : PatchSampling::kGrid;
}

PatchPadding padding_named(const std::string& name) {
  return name == kPaddings[0] ? PatchPadding::kConstant : PatchPadding::kReflect;
}

void read_size(JsonObject& object, const std::optional<Triple>& model_size, PatchConfig& config) {
  config.size = object.triple("size", kExtent, model_size.value_or(Triple{1, 1, 1}));
  if (model_size && object.is_sound() && config.size != *model_size)
    object.expected("size", found_text(Json(*model_size)) + ", model.input.size",
                    Json(config.size));
}

// Reads keys that only random sampling has.
void read_random(JsonObject& object, PatchConfig& config) {
  config.foreground = object.number("foreground", {.low = 0, .high = 1}, config.foreground);
  const bool is_per_epoch =
      object.choice("foreground_per", kForegroundPer, kForegroundPer[0]) == kForegroundPer[0];
  config.foreground_per = is_per_epoch ? ForegroundPer::kEpoch : ForegroundPer::kBatch;
  if (object.has("per_volume"))
    config.per_volume = object.integer("per_volume", {1, std::int64_t{1} << 40});
  if (config.sampling == PatchSampling::kRandom) return;
  for (const char* key : {"foreground", "foreground_per", "per_volume"})
    if (object.has(key)) object.error(key, "requires \"sampling\": \"random\", found 'grid'");
}

void read_stride(JsonObject& object, PatchConfig& config) {
  config.stride = object.triple("stride", kExtent, config.size);
  if (!object.has("stride") || !object.is_sound()) return;
  if (config.sampling != PatchSampling::kGrid)
    object.error("stride", "requires \"sampling\": \"grid\", found 'random'");
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (config.stride[axis] > config.size[axis] && object.is_sound())
      object.expected("stride", "at most the patch's size " + found_text(Json(config.size)),
                      Json(config.stride));
}

}  // namespace

PatchConfig read_patch_config(JsonObject& object, const std::optional<Triple>& model_size) {
  PatchConfig config;
  read_size(object, model_size, config);
  config.sampling = sampling_named(object.choice("sampling", kSamplings, kSamplings[0]));
  read_random(object, config);
  read_stride(object, config);
  config.padding = padding_named(object.choice("padding_mode", kPaddings, kPaddings[0]));
  object.finish();
  return config;
}

Json patch_json(const PatchConfig& config) {
  Json json = {{"size", config.size},
               {"sampling", kSamplings[static_cast<std::size_t>(config.sampling)]}};
  if (config.sampling == PatchSampling::kGrid) {
    json["stride"] = config.stride;
  } else {
    json["foreground"] = config.foreground;
    if (config.foreground_per == ForegroundPer::kBatch)
      json["foreground_per"] = kForegroundPer[static_cast<std::size_t>(config.foreground_per)];
    if (config.per_volume) json["per_volume"] = *config.per_volume;
  }
  json["padding_mode"] = kPaddings[static_cast<std::size_t>(config.padding)];
  return json;
}

}  // namespace lucid
