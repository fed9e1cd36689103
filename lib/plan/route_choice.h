#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lucid {

// The three computations of a layer with weights, each of which chooses its own route.
enum class Pass { kForward, kInputGradient, kWeightGradient };

// "forward", "input gradient" or "weight gradient".
std::string_view pass_name(Pass pass);

// Names of routes that a plan has to take wherever they are possible; empty where the plan chooses.
struct ForcedRoutes {
  std::string forward{}, input_gradient{}, weight_gradient{};

  const std::string& of(Pass pass) const;
  friend auto operator<=>(const ForcedRoutes&, const ForcedRoutes&) = default;
};

// One route's answer for one pass of a layer. `why_not` is empty where the route is possible; the
// cost then compares it with the other routes of that pass.
struct RouteVerdict {
  std::string route, why_not;
  double cost = 0;
};

// A pass of a node, the route that it took, and the verdicts of all routes in their order.
struct RouteChoice {
  std::string node;
  Pass pass = Pass::kForward;
  std::string chosen;
  std::vector<RouteVerdict> verdicts;
};

}  // namespace lucid
