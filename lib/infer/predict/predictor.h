#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/loader/data_config.h"
#include "graph/model.h"
#include "graph/ranges.h"
#include "objective/evaluation.h"

namespace lucid {

// The part of a checkpoint's config that inference needs.
struct TrainedConfig {
  std::string name;
  Graph graph;
  VolumesConfig volumes;  // those of the training set: dataset names, axes
  std::int64_t batch_size = 1;
  NormalizeConfig normalize;
  GridConfig grid;
  std::unique_ptr<Objective> objective;
  std::vector<MetricConfig> metrics;
  bool was_trained_on_patches = false;
  PatchPadding padding = PatchPadding::kReflect;  // that of the patches
  std::array<bool, 3> mirrored{};  // the axes d, h, w along which training had mirror images
};

// Throws Error(kData) if the file is no checkpoint or anything in it is damaged; the others do not
// read all of it again.
TrainedConfig read_trained_config(const std::filesystem::path& checkpoint);
// Reads the same network for inputs of another size. Throws Error(kUsage) if a layer does not
// accept the size.
TrainedConfig read_trained_config(const std::filesystem::path& checkpoint, const Triple& size);

struct PredictorOptions {
  std::int64_t batch_size = 1;
  int threads = 0;
  Precision precision = Precision::kFloat32;
  bool main_output_only = true;  // false: also the outputs that only losses read
};

// Predicts batches with a trained network, loaded from a checkpoint.
class Predictor {
 public:
  // Throws Error(kData) that lists every parameter that does not fit.
  Predictor(const std::filesystem::path& checkpoint, TrainedConfig config,
            const PredictorOptions& options);

  std::int64_t batch_size() const { return options_.batch_size; }
  const TrainedConfig& config() const { return config_; }
  const Graph& graph() const { return model_.graph(); }

  // Takes up to batch_size() normalised samples in plain order. The result, plain and of the same
  // count, is valid until the next call. NaN and infinities in a sample or a parameter propagate to
  // the predictions.
  std::span<float> predict(std::span<const float> samples, std::int64_t count);
  // Does the same for samples already written to input(), one after the other.
  std::span<float> input() { return plan(usual_).input().values(); }
  std::span<float> predict(std::int64_t count);
  // The outputs of the last predict().
  std::span<const OutputValues> outputs() const { return outputs_; }
  std::size_t memory_bytes() { return plan(usual_).memory_bytes(); }
  // False if a sample or a prediction of the last predict() held a NaN or an infinity.
  bool was_finite() const { return was_finite_; }
  // Returns a sentence about the first parameter that holds one; empty if none does.
  const std::string& warning() const { return warning_; }

  // Computes in int8 from now on what the quantization says; in float if it is empty.
  void round_to_bytes(Quantization quantization);
  ByteRanges byte_ranges() const { return {model_.graph(), compile_options(Care::kUsual)}; }
  // Shows the values of all layers on these samples, while nothing is rounded.
  void show(std::span<const float> samples, std::int64_t count, ByteRanges& ranges);

 private:
  // Which plan runs: the fastest, or one that loses no NaN and is for whatever may make one.
  enum class Care { kUsual, kForNaN };
  CompileOptions compile_options(Care care) const;
  Plan& plan(Care care) { return model_.plan(compile_options(care)); }

  TrainedConfig config_;
  PredictorOptions options_;
  Quantization quantization_;
  Engine engine_;
  Model model_;
  Care usual_ = Care::kUsual;
  std::vector<OutputValues> outputs_;
  bool was_finite_ = true;
  std::string warning_;
};

}  // namespace lucid
