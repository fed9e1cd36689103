#pragma once
// Private to this room.

#include "objective/loss/class_labels.h"
#include "objective/prediction/voxel_block.h"

namespace lucid {

struct CrossEntropyTerms : ClassTerms {
  double smoothing = 0;  // PyTorch's label_smoothing
};

// Returns the sum of the losses of the block's voxels, whose targets must be classes or ignored.
// Writes the gradient of `scale` times this sum.
double cross_entropy(const VoxelBlock&, const CrossEntropyTerms&, double scale);

// Returns the same sum from the results of find_max() and add_exponentials().
double add_losses(const VoxelBlock&, const CrossEntropyTerms&, const PerVoxel& largest,
                  const PerVoxel& sum);

}  // namespace lucid
