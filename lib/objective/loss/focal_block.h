#pragma once
// Private to this room.

#include <optional>

#include "objective/loss/class_labels.h"
#include "objective/prediction/voxel_block.h"

namespace lucid {

// The focal loss of a voxel is -factor (1 - p)^gamma log(p), with the probability p of its label's
// class.
struct FocalTerms : ClassTerms {
  double gamma = 2;
  // The factor of positive targets or classes from 1 on; others have 1 - alpha. Empty: 1 for all.
  std::optional<double> alpha{};
};

// Returns the sum of the losses of the block's voxels, whose targets must be classes or ignored.
// Writes the gradient of `scale` times this sum.
double focal_classes(const VoxelBlock& block, const FocalTerms& terms, double scale);

// The same for one channel of binary logits.
double focal_channel(const VoxelBlock& block, const FocalTerms& terms, float weight, double scale);

}  // namespace lucid
