#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/step_bench.h"

namespace lucid {

// The fastest of the routes that a pass did not take, and the seconds of all its steps, beside
// those of the route that it took.
struct NextBest {
  std::string route;
  double seconds = 0, chosen_seconds = 0;
  double ratio() const { return seconds / chosen_seconds; }
};

// Figures of one step of a plan, or of the loss or the update of a training step.
struct LayerFigures {
  StepReport step;  // with the shortest time of all repeats
  // Utilization: roofline time (the larger of compute and memory time) / measured time. It exceeds
  // 1 if values come from caches.
  double share;
  bool is_bound_by_memory;
  std::optional<NextBest> next_best{};  // of the main step of a pass, where it was measured
};

LayerFigures judged(StepReport step, const MachinePeaks& machine);

// The time of every part of a step, in execution order.
struct LayersFigures {
  Mode mode;
  std::int64_t batch_size;
  std::vector<LayerFigures> steps;
  std::vector<RouteChoice> choices{};  // as Plan::choices() has them

  // Seconds of all steps.
  double seconds() const;
  double share() const;  // for all steps together
  // Number of steps that only change a layout.
  std::int64_t reorder_count() const;
};

std::vector<LayersFigures> measure_layers(const std::filesystem::path& config, Engine& engine,
                                          const BenchOptions& options, const MachinePeaks& machine);

// Marks steps of a utilization below one half: "slow", and "SLOW" if the step takes at least a
// hundredth of the total time.
std::string layers_table(const LayersFigures& figures);
Json layers_json(std::span<const LayersFigures> figures);

}  // namespace lucid
