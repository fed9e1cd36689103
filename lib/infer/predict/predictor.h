#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/loader/data_config.h"
#include "infer/predict/trained_network.h"
#include "objective/evaluation.h"

namespace lucid {

// The part of a checkpoint's config that inference needs; of an ensemble, what its members share.
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
  // The axes d, h, w of more than one voxel along which training had mirror images.
  std::array<bool, 3> mirrored{};
  std::vector<Graph> other_graphs{};  // of an ensemble's members but for the first
};

// Throws Error(kData) if the file is no checkpoint or anything in it is damaged; the others do not
// read all of it again.
TrainedConfig read_trained_config(const std::filesystem::path& checkpoint);
// Reads the same network for inputs of another size. Throws Error(kUsage) if a layer does not
// accept the size.
TrainedConfig read_trained_config(const std::filesystem::path& checkpoint, const Triple& size);

// Returns true if the main output has one or several numbers for every voxel of the input.
bool predicts_voxels(const Graph& graph);

// Predicts batches with a trained network, or with the members of an ensemble one after the other,
// loaded from checkpoints. They share the memory that they work in.
class Predictor {
 public:
  // `config` has a graph for each checkpoint. Throws Error(kData) that lists every parameter that
  // does not fit.
  Predictor(const std::vector<std::filesystem::path>& checkpoints, TrainedConfig config,
            const PredictorOptions& options);

  std::int64_t batch_size() const { return options_.batch_size; }
  const TrainedConfig& config() const { return config_; }
  std::size_t members() const { return networks_.size(); }
  // That of a member: all have the same input, and main outputs of the same shape.
  const Graph& graph(std::size_t member = 0) const { return networks_[member]->graph(); }

  // Takes up to batch_size() normalised samples in plain order. The result, plain and of the same
  // count, is valid until the next call: of each sample the main outputs of all members, one after
  // the other, (N, members x C, ...). NaN and infinities in a sample or a parameter propagate to
  // the predictions.
  std::span<float> predict(std::span<const float> samples, std::int64_t count);
  // Does the same for samples already written to input(), one after the other.
  std::span<float> input() { return networks_.front()->input(); }
  std::span<float> predict(std::int64_t count);
  // The outputs of the last predict(), each as the result above.
  std::span<const OutputValues> outputs() const { return outputs_; }
  std::size_t memory_bytes();
  // False if a sample or a prediction of the last predict() held a NaN or an infinity.
  bool was_finite() const { return was_finite_; }
  // Returns a sentence about the first parameter that holds one; empty if none does.
  std::string warning() const;

  // These are for a single network. It computes in int8 from now on what the quantization says; in
  // float if it is empty.
  void round_to_bytes(Quantization quantization);
  ByteRanges byte_ranges() const { return networks_.front()->byte_ranges(); }
  // Shows the values of all layers on these samples, while nothing is rounded.
  void show(std::span<const float> samples, std::int64_t count, ByteRanges& ranges) {
    networks_.front()->show(samples, count, ranges);
  }

 private:
  void join(std::size_t member, std::span<const OutputValues> outputs, std::int64_t count);

  TrainedConfig config_;
  PredictorOptions options_;
  Engine engine_;
  Workspace workspace_;
  std::vector<std::unique_ptr<TrainedNetwork>> networks_;  // the members
  std::vector<std::vector<float>> joined_;                 // by output, of several members
  std::vector<OutputValues> outputs_;
  bool was_finite_ = true;
};

}  // namespace lucid
