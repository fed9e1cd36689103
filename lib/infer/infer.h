#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "infer/activation.h"
#include "objective/metric.h"
#include "tensor/precision.h"

namespace lucid {

struct InferOptions {
  std::filesystem::path checkpoint;
  std::vector<std::string> inputs;  // files, globs, folders; joined along N
  std::optional<std::string> dataset,
      axes;  // else those of the training config, else (axes) the default by rank
  std::optional<std::string> target;  // a dataset of the inputs to compare with
  std::filesystem::path output;
  Activation activation = Activation::kNone;
  std::optional<std::int64_t> batch_size;  // else that of the training config
  int threads = 0;
  Precision precision = Precision::kFloat32;  // whatever the network was trained in
  std::optional<std::filesystem::path> csv;   // a row a sample
};

struct InferResult {
  std::int64_t samples = 0;
  Shape predictions;      // with N, as written
  Measurements measured;  // loss and metrics against the target; empty without one
  bool met_non_finite = false;
  bool was_stopped = false;  // nothing was written
};

// Predicts every sample of the inputs and writes /predictions; the output appears when it is
// complete. `progress` is told how many of all samples are done and answers whether to go on.
InferResult infer(const InferOptions& options,
                  const std::function<bool(std::int64_t done, std::int64_t all)>& progress);

}  // namespace lucid
