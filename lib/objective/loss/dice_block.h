#pragma once
// Private to this room.

#include "objective/loss/cross_entropy_block.h"
#include "objective/loss/region.h"

namespace lucid {

// The options of the functions below.
struct OverlapTerms {
  CrossEntropyTerms labels;
  bool is_squared = false;           // sum the squares of probabilities and targets
  bool wants_cross_entropy = false;  // otherwise it is not computed
};

// First pass: adds the block to the sums of its classes, leaves the probabilities in the gradient
// and returns the sum of the voxels' cross entropies. Labels must be classes or ignored.
double sum_classes(const VoxelBlock& block, const OverlapTerms& terms, std::span<RegionSums> sums);

// Second pass: replaces the probabilities by the gradient. `scale` is the factor of the cross
// entropy.
void differentiate_classes(const VoxelBlock& block, const OverlapTerms& terms,
                           std::span<const RegionSlope> slopes, double scale);

// The same for one channel of binary logits, with BCEWithLogitsLoss as the cross entropy and
// `weight` as its pos_weight.
double sum_channel(const VoxelBlock& block, const OverlapTerms& terms, float weight,
                   RegionSums& sums);
void differentiate_channel(const VoxelBlock& block, const OverlapTerms& terms, float weight,
                           const RegionSlope& slope, double scale);

}  // namespace lucid
