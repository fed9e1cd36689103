#pragma once

#include <filesystem>
#include <memory>

#include "graph/model.h"
#include "objective/objective.h"
#include "train/optimizer/optimizer.h"

namespace lucid {

// The part of an experiment file that determines the speed of a step.
struct BenchConfig {
  Graph graph;
  std::unique_ptr<Objective> objective;
  OptimizerConfig optimizer;
  std::int64_t batch_size;  // the file's "data.batch_size", or 1
  ForcedRoutes routes{};
  Precision precision = Precision::kFloat32;
  std::optional<std::size_t> memory_budget{};  // for training; see CompileOptions
};

// The file's "data" may be missing; other keys are ignored.
BenchConfig read_bench_config(const std::filesystem::path& file);

// Returns 2 for every multiply-add of convolutions and linear layers in a batch. Training includes
// both gradients, except input gradients that are not needed, such as the first layer's; inference
// leaves out layers on which only other outputs than the main one depend.
double product_flops(const Graph& graph, Mode mode, std::int64_t batch);

// Time that a training step spends outside of its plan.
struct StepParts {
  double loss = 0, update = 0;  // seconds
};

// Bytes read and written, counted as in StepReport.
struct Traffic {
  std::size_t read = 0, written = 0;
};

// A network with random volumes and targets, ready to run steps.
class Workload {
 public:
  Workload(BenchConfig config, Engine& engine, Mode mode);

  // Runs a training step from forward to update, or one inference. `completed` is told of gradients
  // as Plan::backward() does.
  StepParts step(const Plan::Completed& completed = {});
  Plan& plan() { return *plan_; }
  Model& model() { return model_; }
  std::int64_t batch_size() const { return batch_; }
  Traffic loss_traffic();  // reads predictions and targets, writes gradients
  // Reads values, optimizer states and gradients, and writes the first two in place.
  Traffic optimizer_traffic();

 private:
  void round_to_bytes(CompileOptions options);

  std::unique_ptr<Objective> objective_;
  OptimizerConfig optimizer_;
  std::int64_t batch_;
  Model model_;
  Plan* plan_;
  StepRates rates_;
  std::vector<float> targets_;
};

}  // namespace lucid
