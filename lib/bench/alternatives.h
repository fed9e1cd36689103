#pragma once

#include <string>
#include <vector>

#include "bench/layer_bench.h"

namespace lucid {

// One route for a pass of a layer. The seconds of all steps of the pass, with the reorders that the
// route asks for; 0 where it is impossible, for the reason in `why_not`.
struct RouteFigures {
  std::string route, why_not;
  double cost = 0;
  double seconds = 0;
};

// A pass of a layer by every route, in the order of the list of routes.
struct AlternativesFigures {
  std::string layer;
  Pass pass = Pass::kForward;
  std::string chosen;  // with the route that it leaves a part to: "subpixel > winograd"
  std::vector<RouteFigures> routes;
  double seconds = 0;  // as chosen

  // The fastest of the possible routes that was not chosen; null where there is none.
  const RouteFigures* next_best() const;
};

// Times every convolution of the training plan by every route that is possible, each forced for the
// whole network in a plan of its own.
std::vector<AlternativesFigures> measure_alternatives(const std::filesystem::path& config,
                                                      Engine& engine, BenchOptions options,
                                                      const MachinePeaks& machine);

// Tells the largest step of each pass what the next best route would have taken.
void add_next_best(std::span<const AlternativesFigures> figures, LayersFigures& layers);

std::string alternatives_table(std::span<const AlternativesFigures> figures);
Json alternatives_json(std::span<const AlternativesFigures> figures);

}  // namespace lucid
