#pragma once

#include "objective/loss/class_labels.h"
#include "objective/prediction/voxel_block.h"

namespace lucid {

struct CrossEntropyTerms : ClassTerms {
  double smoothing = 0;  // the share of a target that is spread over all classes
};

// The sum of the losses of the block's voxels, whose targets are classes within range or ignored.
// The gradient is that of `scale` times this sum.
double cross_entropy(const VoxelBlock&, const CrossEntropyTerms&, double scale);

// The same sum where find_largest() and add_powers() are done already.
double add_losses(const VoxelBlock&, const CrossEntropyTerms&, const PerVoxel& largest,
                  const PerVoxel& sum);

}  // namespace lucid
