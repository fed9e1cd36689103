#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/loader/data_config.h"
#include "graph/model.h"
#include "objective/evaluation.h"

namespace lucid {

// What inference needs of the config in a checkpoint.
struct TrainedConfig {
  std::string name;
  Graph graph;
  VolumesConfig volumes;  // of the training set: dataset names, axes
  std::int64_t batch_size = 1;
  NormalizeConfig normalize;
  std::unique_ptr<Objective> objective;
  std::vector<MetricConfig> metrics;
  bool was_trained_on_patches = false;
};

// Throws Error(kData) where the file is no checkpoint or its config is damaged.
TrainedConfig read_trained_config(const std::filesystem::path& checkpoint);
// ... of the same network for inputs of another size. Throws Error(kUsage) where a layer does not
// accept it.
TrainedConfig read_trained_config(const std::filesystem::path& checkpoint, const Triple& size);

struct PredictorOptions {
  std::int64_t batch_size = 1;
  int threads = 0;
  Precision precision = Precision::kFloat32;
  bool main_output_only = true;  // false: also those that only losses look at
};

// A trained network, loaded from a checkpoint, that predicts batches.
class Predictor {
 public:
  // Throws Error(kData) listing each parameter that does not fit.
  Predictor(const std::filesystem::path& checkpoint, TrainedConfig config,
            const PredictorOptions& options);

  std::int64_t batch_size() const { return options_.batch_size; }
  const TrainedConfig& config() const { return config_; }
  const Graph& graph() const { return model_.graph(); }

  // Up to batch_size() normalised samples, plain; the result, plain and with as many rows, is valid
  // until the next call. A NaN or an infinity in a sample goes through to its predictions.
  std::span<float> predict(std::span<const float> samples, std::int64_t count);
  // The same for samples that stand in input() already, one behind the other.
  std::span<float> input() { return plan(true).input().values(); }
  std::span<float> predict(std::int64_t count);
  std::span<const OutputValues> outputs() const { return outputs_; }  // of that call
  std::size_t memory_bytes() { return plan(true).memory_bytes(); }
  bool met_non_finite() const { return met_non_finite_; }  // in any sample or prediction so far

 private:
  Plan& plan(bool fuse_relu);

  TrainedConfig config_;
  PredictorOptions options_;
  Engine engine_;
  Model model_;
  std::vector<OutputValues> outputs_;
  bool met_non_finite_ = false;
};

}  // namespace lucid
