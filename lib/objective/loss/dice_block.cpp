#include "objective/loss/dice_block.h"

#include "kernels/simd/exponential.h"

namespace lucid {
namespace {

// Sets counts to 0 where the label is ignored, else to 1; returns their sum.
LUCID_INLINE double find_counted(const VoxelBlock& block, const ClassTerms& labels,
                                 PerVoxel& counts) {
  for (std::size_t v = 0; v < static_cast<std::size_t>(block.voxels); ++v)
    counts[v] = labels.is_ignored(block.target[v]) ? 0.F : 1.F;
  return sum_over(block.voxels, [&](std::size_t v) LUCID_ALWAYS_INLINE { return counts[v]; });
}

LUCID_INLINE RegionSums sums_of(const float* p, const PerVoxel& target, const OverlapTerms& terms,
                                std::int64_t count) {
  const auto sum = [&](const auto& value) LUCID_ALWAYS_INLINE { return sum_over(count, value); };
  RegionSums sums;
  sums.overlap = sum([&](std::size_t v) LUCID_ALWAYS_INLINE { return p[v] * target[v]; });
  if (terms.is_squared) {
    sums.prediction = sum([&](std::size_t v) LUCID_ALWAYS_INLINE { return p[v] * p[v]; });
    sums.target = sum([&](std::size_t v) LUCID_ALWAYS_INLINE { return target[v] * target[v]; });
  } else {
    sums.prediction = sum([&](std::size_t v) LUCID_ALWAYS_INLINE { return p[v]; });
    sums.target = sum([&](std::size_t v) LUCID_ALWAYS_INLINE { return target[v]; });
  }
  return sums;
}

// Returns the sum of BCEWithLogitsLoss over the elements of the block that are not ignored.
LUCID_INLINE double add_binary_losses(const VoxelBlock& block, const PerVoxel& target,
                                      const PerVoxel& counts, float weight) {
  PerVoxel loss;
  for (std::size_t v = 0; v < static_cast<std::size_t>(block.voxels); ++v) {
    const float x = block.prediction[v], y = target[v];
    const float slope = weight * y + (1 - y);
    loss[v] = counts[v] * ((1 - y) * x + slope * (log1p_of_share(exp_of_negative(-magnitude(x))) +
                                                  (x < 0 ? -x : 0.F)));
  }
  return sum_over(block.voxels, [&](std::size_t v) LUCID_ALWAYS_INLINE { return loss[v]; });
}

}  // namespace

LUCID_CLONED(double, sum_classes,
             (const VoxelBlock& block, const OverlapTerms& terms, std::span<RegionSums> sums),
             (block, terms, sums)) {
  PerVoxel largest, sum, share, target, room;
  find_max(block, largest);
  add_exponentials(block, largest, sum);
  const double counted = find_counted(block, terms.labels, share);
  const auto voxels = static_cast<std::size_t>(block.voxels);
  for (std::size_t v = 0; v < voxels; ++v) share[v] /= sum[v];  // ignored voxels get p = 0
  for (std::int64_t c = 0; c < block.classes; ++c) {
    const auto label = static_cast<float>(c);
    const float is_hit = terms.labels.is_ignored(label) ? 0.F : 1.F;
    for (std::size_t v = 0; v < voxels; ++v) target[v] = block.target[v] == label ? is_hit : 0.F;
    const float* row = block.prediction + c * block.stride;
    float* p = block.gradient == nullptr ? room.data() : block.gradient + c * block.stride;
    if (block.gradient == nullptr)
      for (std::size_t v = 0; v < voxels; ++v) p[v] = exp_of_negative(row[v] - largest[v]);
    for (std::size_t v = 0; v < voxels; ++v) p[v] *= share[v];
    RegionSums found = sums_of(p, target, terms, block.voxels);
    found.voxels = counted;
    sums[static_cast<std::size_t>(c)] += found;
  }
  return terms.wants_cross_entropy ? add_losses(block, terms.labels, largest, sum) : 0;
}

LUCID_CLONED(void, differentiate_classes,
             (const VoxelBlock& block, const OverlapTerms& terms,
              std::span<const RegionSlope> slopes, double scale),
             (block, terms, slopes, scale)) {
  PerVoxel average{}, ce_factor;  // average: of the slopes, weighted by the probabilities
  const auto voxels = static_cast<std::size_t>(block.voxels);
  for (std::size_t v = 0; v < voxels; ++v) {
    const float counts = terms.labels.is_ignored(block.target[v]) ? 0.F : 1.F;
    const auto label = static_cast<std::int64_t>(counts * block.target[v]);
    ce_factor[v] = counts * static_cast<float>(scale) * terms.labels.weight_of(label);
  }
  const auto for_classes = [&](const auto& visit) LUCID_ALWAYS_INLINE {
    for (std::int64_t c = 0; c < block.classes; ++c) {
      const RegionSlope slope = slopes[static_cast<std::size_t>(c)];
      const auto label = static_cast<float>(c);
      float* p = block.gradient + c * block.stride;
      for (std::size_t v = 0; v < voxels; ++v) {
        const float target = block.target[v] == label ? 1.F : 0.F;
        visit(v, p[v], target, slope.overlap * target + slope.prediction + slope.square * p[v]);
      }
    }
  };
  for_classes([&](std::size_t v, float& p, float, float slope)
                  LUCID_ALWAYS_INLINE { average[v] += p * slope; });
  for_classes([&](std::size_t v, float& p, float target, float slope) LUCID_ALWAYS_INLINE {
    p = p * (slope - average[v] + ce_factor[v]) - ce_factor[v] * target;
  });
}

LUCID_CLONED(double, sum_channel,
             (const VoxelBlock& block, const OverlapTerms& terms, float weight, RegionSums& sums),
             (block, terms, weight, sums)) {
  PerVoxel counts, target, room;
  const double counted = find_counted(block, terms.labels, counts);
  float* p = block.gradient == nullptr ? room.data() : block.gradient;
  for (std::size_t v = 0; v < static_cast<std::size_t>(block.voxels); ++v) {
    const float x = block.prediction[v];
    const float small = exp_of_negative(-magnitude(x));  // at most 1, so it cannot overflow
    target[v] = counts[v] * block.target[v];
    p[v] = counts[v] * (x >= 0 ? 1.F : small) / (1 + small);
  }
  RegionSums found = sums_of(p, target, terms, block.voxels);
  found.voxels = counted;
  sums += found;
  return terms.wants_cross_entropy ? add_binary_losses(block, target, counts, weight) : 0;
}

LUCID_CLONED(void, differentiate_channel,
             (const VoxelBlock& block, const OverlapTerms& terms, float weight,
              const RegionSlope& slope, double scale),
             (block, terms, weight, slope, scale)) {
  const auto share = static_cast<float>(scale);
  for (std::size_t v = 0; v < static_cast<std::size_t>(block.voxels); ++v) {
    // An ignored element has p = y = 0, and so its gradient is 0.
    const float p = block.gradient[v];
    const float y = terms.labels.is_ignored(block.target[v]) ? 0.F : block.target[v];
    const float by_p = slope.overlap * y + slope.prediction + slope.square * p;
    const float ce_slope = (weight * y + 1 - y) * p - weight * y;
    block.gradient[v] = p * (1 - p) * by_p + share * ce_slope;
  }
}

}  // namespace lucid
