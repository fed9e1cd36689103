#include "data/loader/data_config.h"

#include <nlohmann/json.hpp>

namespace lucid {
namespace {

void read_patches(JsonObject& data, const std::optional<Shape>& input, DataConfig& config) {
  if (!data.has("patch")) return;
  JsonObject patch = *data.object("patch", true);
  std::optional<Triple> size;
  if (input) size = {(*input)[1], (*input)[2], (*input)[3]};
  config.patch = read_patch_config(patch, size);
}

GridConfig read_grid(JsonObject& data, const DataConfig& config) {
  for (const char* key : {"spacing", "voxel_size", "crop"})
    if (const Json* value = data.find(key); value != nullptr && !value->is_null() && !config.patch)
      data.error(key, "requires \"patch\" in data, found none");
  return read_grid_config(data);
}

VolumesConfig read_set(JsonObject& set, const DataConfig& config, const AreScans& are_scans) {
  VolumesConfig volumes = read_volumes_config(set, are_scans);
  for (const char* key : {"roi", "mask"})
    if (set.has(key) && !config.patch) set.error(key, "requires \"patch\" in data, found none");
  return volumes;
}

}  // namespace

DataConfig read_data_config(JsonObject& data, const std::optional<Shape>& input,
                            const AreScans& are_scans) {
  DataConfig config;
  read_patches(data, input, config);
  if (auto train = data.object("train", true)) config.train = read_set(*train, config, are_scans);
  if (data.has("validation")) {
    JsonObject validation = *data.object("validation", true);
    config.validation = read_set(validation, config, are_scans);
  }
  config.train.merges = read_label_merges(data);
  if (config.validation) config.validation->merges = config.train.merges;
  config.batch_size = data.integer("batch_size", {1, 1 << 24}, config.batch_size);
  config.shuffle = data.boolean("shuffle", config.shuffle);
  config.drop_last = data.boolean("drop_last", config.drop_last);
  config.cache_mb = data.integer("cache_mb", {0, std::int64_t{1} << 30}, config.cache_mb);
  config.workers = data.integer("workers", {0, 256}, config.workers);
  config.prefetch = data.integer("prefetch", {1, 1024}, config.prefetch);
  config.normalize = read_normalize(data, input ? (*input)[0] : 0);
  config.augmentation = read_augmentation(data);
  config.grid = read_grid(data, config);
  data.finish();
  return config;
}

}  // namespace lucid
