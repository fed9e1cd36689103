#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/machine.h"
#include "bench/timing.h"
#include "plan/plan.h"
#include "tensor/precision.h"

namespace lucid {

struct BenchOptions {
  std::vector<Mode> modes = {Mode::kTrain, Mode::kInfer};
  std::optional<std::int64_t> batch_size{};  // empty: the file's
  ForcedRoutes routes{};
  Precision precision = Precision::kFloat32;
  std::optional<std::size_t> memory_budget{};  // for training; see CompileOptions
  Repetition repetition{};
};

// Figures of a training step or an inference.
struct StepFigures {
  Mode mode;
  std::int64_t batch_size, repeats;
  double median_seconds, least_seconds;
  double flops;                     // as product_flops() counts them
  std::size_t peak_resident_bytes;  // for the whole process; 0: unknown
};

// Times the network of an experiment file on random volumes, one mode after the other.
std::vector<StepFigures> measure_steps(const std::filesystem::path& config, Engine& engine,
                                       const BenchOptions& options);

std::string step_table(std::span<const StepFigures> figures, const MachinePeaks& machine);
Json step_json(std::span<const StepFigures> figures, const MachinePeaks& machine);

std::string mode_name(Mode mode);  // "train", "infer"

}  // namespace lucid
