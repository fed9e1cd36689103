#pragma once

#include <string>
#include <vector>

#include "bench/step_bench.h"

namespace lucid {

// One step of a plan, or the loss or the update of a training step.
struct LayerFigures {
  StepReport step;  // its seconds: the least of all repeats
  // The least that the machine could take, by its multiply-adds or by its memory, over what it
  // took. Above 1 where values come from caches.
  double share;
  bool is_bound_by_memory;
};

LayerFigures judged(StepReport step, const MachinePeaks& machine);

// Where the time of a step goes, in running order.
struct LayersFigures {
  Mode mode;
  std::int64_t batch_size;
  std::vector<LayerFigures> steps;
  std::vector<RouteChoice> choices{};  // as Plan::choices() has them

  double seconds() const;              // of all steps
  double share() const;                // of all steps together
  std::int64_t reorder_count() const;  // steps that only change a layout
};

std::vector<LayersFigures> measure_layers(const std::filesystem::path& config, Engine& engine,
                                          const BenchOptions& options, const MachinePeaks& machine);

// Marks what takes more than twice the time that the machine would allow: "slow", and "SLOW" where
// that is a hundredth of all time or more.
std::string layers_table(const LayersFigures& figures);
Json layers_json(std::span<const LayersFigures> figures);

}  // namespace lucid
