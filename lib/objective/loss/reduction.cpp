#include "objective/loss/reduction.h"

#include <string>
#include <vector>

namespace lucid {

Reduction read_reduction(JsonObject& object) {
  static const std::vector<std::string> kKnown = {"mean", "sum"};
  object.only_null({"size_average", "reduce"});
  return object.choice("reduction", kKnown, "mean") == "sum" ? Reduction::kSum : Reduction::kMean;
}

double scale_of(Reduction reduction, double weight) {
  if (reduction == Reduction::kSum) return 1;
  return weight == 0 ? 0 : 1 / weight;
}

}  // namespace lucid
