#pragma once

#include <optional>

#include "objective/loss/class_labels.h"
#include "objective/prediction/voxel_block.h"

namespace lucid {

// -factor (1 - p)^gamma log(p) of the probability p of the right answer.
struct FocalTerms : ClassTerms {
  double gamma = 2;
  std::optional<double> alpha{};  // of the classes from 1 on, or of a yes; 1 - alpha of the others
};

// The sum of the losses of the block's voxels, whose targets are classes within range or ignored.
// The gradient is that of `scale` times this sum.
double focal_classes(const VoxelBlock& block, const FocalTerms& terms, double scale);

// The same for one channel of yes or no.
double focal_channel(const VoxelBlock& block, const FocalTerms& terms, float weight, double scale);

}  // namespace lucid
