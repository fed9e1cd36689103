#include "objective/loss/reduction.h"

#include <string>
#include <vector>

namespace lucid {

Reduction read_reduction(JsonObject& object) {
  static const std::vector<std::string> kKnown = {"mean", "sum"};
  object.only_null({"size_average", "reduce"});
  return object.choice("reduction", kKnown, "mean") == "sum" ? Reduction::kSum : Reduction::kMean;
}

double scale_of(Reduction reduction, double weight, double factor) {
  if (reduction == Reduction::kSum) return factor;
  return weight == 0 ? 0 : factor / weight;
}

// A sum counts if it is not 0, too: label smoothing gives a loss to labels of weight 0.
std::optional<double> reduced(Reduction reduction, std::span<const double> sums) {
  if (sums.empty()) return std::nullopt;
  if (reduction == Reduction::kSum && sums[0] != 0) return sums[0];
  if (sums[1] == 0) return std::nullopt;
  return sums[0] * scale_of(reduction, sums[1]);
}

double scale_of_whole(Reduction reduction, std::span<const double> whole, double weight) {
  return scale_of(reduction, whole.empty() ? weight : whole[1]);
}

}  // namespace lucid
