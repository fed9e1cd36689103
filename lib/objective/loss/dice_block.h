#pragma once

#include "objective/loss/cross_entropy_block.h"
#include "objective/loss/region.h"

namespace lucid {

// How the voxels of a block are looked at.
struct OverlapTerms {
  CrossEntropyTerms labels;
  bool is_squared = false;           // RegionSums of squares
  bool wants_cross_entropy = false;  // otherwise it is not computed
};

// First pass: adds the block to the sums of its classes, leaves probabilities in the gradient and
// returns the sum of the voxels' cross entropies. Labels are within range or ignored.
double gather_classes(const VoxelBlock& block, const OverlapTerms& terms,
                      std::span<RegionSums> sums);

// Second pass: the probabilities become the gradient. `scale` is that of the cross entropy.
void descend_classes(const VoxelBlock& block, const OverlapTerms& terms,
                     std::span<const RegionSlope> slopes, double scale);

// The same for one channel of yes or no, with BCEWithLogitsLoss for the cross entropy. `weight`: of
// the positive answers.
double gather_channel(const VoxelBlock& block, const OverlapTerms& terms, float weight,
                      RegionSums& sums);
void descend_channel(const VoxelBlock& block, const OverlapTerms& terms, float weight,
                     const RegionSlope& slope, double scale);

}  // namespace lucid
