#pragma once

#include <filesystem>
#include <memory>

#include "graph/model.h"
#include "objective/objective.h"
#include "train/optimizer/optimizer.h"

namespace lucid {

// What of an experiment file decides the speed of a step.
struct BenchConfig {
  Graph graph;
  std::unique_ptr<Objective> objective;
  OptimizerConfig optimizer;
  std::int64_t batch_size;  // the file's "data.batch_size", or 1
  ForcedRoutes routes{};
  Precision precision = Precision::kFloat32;
  std::optional<std::size_t> memory_budget{};  // of training, as CompileOptions has it
};

// The file's "data" may be missing; what else it has is not looked at.
BenchConfig read_bench_config(const std::filesystem::path& file);

// 2 for every multiply-add of a batch with the weights of convolutions and linear layers. Training
// counts both gradients, too, but no gradient of an input that nobody needs: the first layer's.
double product_flops(const Graph& graph, Mode mode, std::int64_t batch);

// Where the time outside of a plan goes in one training step.
struct StepParts {
  double loss = 0, update = 0;  // seconds
};

// Bytes, as StepReport counts them.
struct Traffic {
  std::size_t read = 0, written = 0;
};

// A network with random volumes and targets, ready to take steps.
class Workload {
 public:
  Workload(BenchConfig config, Engine& engine, Mode mode);

  StepParts step();  // of training, from forward to update; or one inference
  Plan& plan() { return *plan_; }
  Model& model() { return model_; }
  std::int64_t batch_size() const { return batch_; }
  Traffic loss_traffic();       // predictions and targets, gradients
  Traffic optimizer_traffic();  // values, slots and gradients; written where they were read

 private:
  std::unique_ptr<Objective> objective_;
  OptimizerConfig optimizer_;
  std::int64_t batch_;
  Model model_;
  Plan* plan_;
  StepRates rates_;
  std::vector<float> targets_;
};

}  // namespace lucid
