#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"
#include "data/augment/augmentation.h"
#include "data/patch/config.h"
#include "data/resample/grid_config.h"
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
  // MiB. Sets that fit are kept in memory as stored; of patches, decoded chunks are cached.
  std::int64_t cache_mb = 1024;
  std::int64_t workers = 1;   // threads that read ahead; 0: none
  std::int64_t prefetch = 2;  // batches read ahead, at least one per worker
  NormalizeConfig normalize;
  Augmentation augmentation;         // of training samples
  std::optional<PatchConfig> patch;  // cuts samples out of volumes
  GridConfig grid;                   // that patches are cut from
};

// `input` is the model's (C, D, H, W); nullopt if unknown, and not checked. Of sets it is asked
// whether they are of scans, as in read_volumes_config().
DataConfig read_data_config(JsonObject& data, const std::optional<Shape>& input,
                            const AreScans& are_scans = nullptr);

}  // namespace lucid
