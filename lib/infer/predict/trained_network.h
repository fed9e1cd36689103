#pragma once
// Private to this room.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "graph/model.h"
#include "graph/ranges.h"
#include "objective/prediction/outputs.h"

namespace lucid {

struct PredictorOptions {
  std::int64_t batch_size = 1;
  int threads = 0;
  Precision precision = Precision::kFloat32;
  bool main_output_only = true;  // false: also the outputs that only losses read
};

// One network of a Predictor, loaded from a checkpoint. Those that share a workspace take turns.
class TrainedNetwork {
 public:
  // Throws Error(kData) that lists every parameter that does not fit.
  TrainedNetwork(const std::filesystem::path& checkpoint, Graph graph, Engine& engine,
                 Workspace& workspace, const PredictorOptions& options);

  const Graph& graph() const { return model_.graph(); }
  // Where samples may be written, (N, C, D, H, W), for a predict() of this network or another one.
  std::span<float> input() { return plan(usual_).input().values(); }
  // Predicts the first `count` samples there. `are_moderate`: what is_moderate() says of them. The
  // outputs are valid until a plan of the same workspace runs, and the main one as long as this.
  std::span<const OutputValues> predict(std::span<const float> samples, std::int64_t count,
                                        bool are_moderate);
  std::span<float> main_output() { return way_->output().values(); }
  // Without what is in the workspace.
  std::size_t memory_bytes();
  const std::string& warning() const { return warning_; }

  void round_to_bytes(Quantization quantization);
  ByteRanges byte_ranges() const { return {model_.graph(), compile_options(Care::kUsual)}; }
  void show(std::span<const float> samples, std::int64_t count, ByteRanges& ranges);

 private:
  // Which plan runs: the fastest, or one that loses no NaN and is for whatever may make one.
  enum class Care { kUsual, kForNaN };
  CompileOptions compile_options(Care care) const;
  Plan& plan(Care care) { return model_.plan(compile_options(care)); }

  PredictorOptions options_;
  Quantization quantization_;
  Model model_;
  Care usual_ = Care::kUsual;
  Plan* way_ = nullptr;  // of the last predict()
  std::vector<OutputValues> outputs_;
  std::string warning_;
};

// True if no sum of products of these values overflows, which could make infinities and of them a
// NaN.
bool is_moderate(std::span<const float> values);

}  // namespace lucid
