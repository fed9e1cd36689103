#include "objective/loss/region.h"

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

bool counts(const DiceTerms& terms, const RegionSums& region, std::size_t class_index) {
  return region.voxels > 0 && (terms.includes_background || class_index > 0);
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

DiceSums dice_sums(const DiceTerms& terms, const ClassTerms& classes,
                   std::span<const RegionSums> sums, std::size_t class_count) {
  DiceSums all;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::size_t c = i % class_count;
    if (!counts(terms, sums[i], c)) continue;
    all.losses += classes.weight_of(static_cast<std::int64_t>(c)) * dice_of(sums[i], terms).loss;
    ++all.regions;
  }
  return all;
}

void dice_slopes(const DiceTerms& terms, const ClassTerms& classes, double scale,
                 std::span<const RegionSums> sums, std::size_t class_count,
                 std::span<RegionSlope> slopes) {
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::size_t c = i % class_count;
    slopes[i] = {};
    if (!counts(terms, sums[i], c)) continue;
    const DiceOfRegion found = dice_of(sums[i], terms);
    const double share = scale * classes.weight_of(static_cast<std::int64_t>(c));
    slopes[i].overlap = static_cast<float>(share * found.by_overlap);
    (terms.is_squared ? slopes[i].square : slopes[i].prediction) =
        static_cast<float>((terms.is_squared ? 2 : 1) * share * found.by_prediction);
  }
}

}  // namespace lucid
