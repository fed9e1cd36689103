#include "objective/loss/region.h"

#include <algorithm>

namespace lucid {
namespace {

// Holds 1 - (2 overlap + smooth_nr) / (extent + smooth_dr) and its derivatives by the sums.
struct DiceOfRegion {
  double loss = 0, by_overlap = 0, by_prediction = 0;
};

DiceOfRegion dice_of(const RegionSums& sums, const DiceTerms& terms) {
  const double both = sums.prediction + sums.target;
  const double extent = terms.is_jaccard ? 2 * (both - sums.overlap) : both;
  const double divisor = extent + terms.smooth_dr;
  if (divisor == 0) return {};  // the class neither occurs nor was predicted
  const double ratio = (2 * sums.overlap + terms.smooth_nr) / divisor;
  return {.loss = 1 - ratio,
          .by_overlap = -(2 + (terms.is_jaccard ? 2 * ratio : 0)) / divisor,
          .by_prediction = (terms.is_jaccard ? 2 : 1) * ratio / divisor};
}

}  // namespace

RegionSums& RegionSums::operator+=(const RegionSums& other) {
  overlap += other.overlap;
  prediction += other.prediction;
  target += other.target;
  voxels += other.voxels;
  return *this;
}

std::vector<RegionSums> over_batch(std::span<const RegionSums> sums, std::size_t class_count) {
  std::vector<RegionSums> regions(class_count);
  for (std::size_t i = 0; i < sums.size(); ++i) regions[i % class_count] += sums[i];
  return regions;
}

double dice(const DiceTerms& terms, const ClassTerms& classes, Reduction reduction, double factor,
            std::span<const RegionSums> sums, std::size_t class_count,
            std::span<RegionSlope> slopes) {
  std::vector<RegionSums> folded;
  if (terms.is_over_batch) folded = over_batch(sums, class_count);
  const std::span<const RegionSums> regions = terms.is_over_batch ? folded : sums;
  const auto counts = [&](std::size_t i) {
    return regions[i].voxels > 0 && (terms.includes_background || i % class_count > 0);
  };
  double counted = 0, sum = 0;
  for (std::size_t i = 0; i < regions.size(); ++i) counted += counts(i) ? 1 : 0;
  const double scale = reduction == Reduction::kMean ? factor / std::max(counted, 1.0) : factor;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    slopes[i] = {};
    if (!counts(i)) continue;
    const DiceOfRegion found = dice_of(regions[i], terms);
    const double share = scale * classes.weight_of(static_cast<std::int64_t>(i % class_count));
    sum += share * found.loss;
    slopes[i].overlap = static_cast<float>(share * found.by_overlap);
    (terms.is_squared ? slopes[i].square : slopes[i].prediction) =
        static_cast<float>((terms.is_squared ? 2 : 1) * share * found.by_prediction);
  }
  for (std::size_t i = regions.size(); i < slopes.size(); ++i) slopes[i] = slopes[i % class_count];
  return sum;
}

}  // namespace lucid
