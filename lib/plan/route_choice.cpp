#include "plan/route_choice.h"

namespace lucid {

std::string_view pass_name(Pass pass) {
  switch (pass) {
    case Pass::kForward:
      return "forward";
    case Pass::kInputGradient:
      return "input gradient";
    case Pass::kWeightGradient:
      break;
  }
  return "weight gradient";
}

const std::string& ForcedRoutes::of(Pass pass) const {
  switch (pass) {
    case Pass::kForward:
      return forward;
    case Pass::kInputGradient:
      return input_gradient;
    case Pass::kWeightGradient:
      break;
  }
  return weight_gradient;
}

}  // namespace lucid
