#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"
#include "data/augment/augmentation.h"
#include "data/patch/config.h"
#include "data/statistics/normalization_config.h"
#include "data/volumes/volumes.h"

namespace lucid {

// The "data" section of an experiment file.
struct DataConfig {
  VolumesConfig train;
  std::optional<VolumesConfig> validation;
  std::int64_t batch_size = 1;
  bool shuffle = true;
  bool drop_last = false;
  // MiB: sets that fit, as stored, are kept in memory; of patches, chunks of the volumes are.
  std::int64_t cache_mb = 1024;
  std::int64_t workers = 1;   // threads that read ahead; 0: none
  std::int64_t prefetch = 2;  // batches that are read ahead, at least one a worker
  NormalizeConfig normalize;
  Augmentation augmentation;         // of the training set
  std::optional<PatchConfig> patch;  // samples are cut out of volumes
};

// `input`: the model's, (C, D, H, W); none where it is unknown, and not checked.
DataConfig read_data_config(JsonObject& data, const std::optional<Shape>& input);

}  // namespace lucid
