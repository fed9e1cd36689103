#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "infer/predict/output_type.h"
#include "infer/window/tile_options.h"
#include "objective/metric/metric.h"
#include "tensor/precision.h"

namespace lucid {

struct InferOptions {
  std::filesystem::path checkpoint;
  std::vector<std::string> inputs;  // files, globs, folders; joined along N
  std::optional<std::string> dataset,
      axes;  // else those of the training config, else (axes) the default by rank
  std::optional<std::string> target;  // a dataset of the inputs to compare with
  std::optional<std::string> mask;    // where that counts; else that of the training config
  std::filesystem::path output;
  Activation activation = Activation::kNone;
  std::optional<OutputType> output_type;   // else int32 of argmax, float32 of the others
  std::optional<TileOptions> tiles;        // volumes are cut into windows
  std::optional<std::int64_t> batch_size;  // else that of the training config; windows: 1
  int threads = 0;
  Precision precision = Precision::kFloat32;  // whatever the network was trained in
  std::optional<std::filesystem::path> csv;   // a row a sample
};

struct InferResult {
  std::int64_t samples = 0;
  Shape predictions;      // with N, as written
  Measurements measured;  // loss and metrics against the target; empty without one
  bool met_non_finite = false;
  bool was_stopped = false;  // nothing was written, but what OUTPUT.partial holds of windows
  // Of a run of windows: those computed, of all, the others by an earlier run; and what was written
  // of several volumes, by name, in place of `predictions`.
  std::int64_t windows_computed = 0, windows = 0;
  Triple window{};
  std::vector<std::pair<std::string, Shape>> volumes;
};

using InferProgress = std::function<bool(std::int64_t done, std::int64_t all)>;
using InferNote = std::function<void(const std::string&)>;

}  // namespace lucid
