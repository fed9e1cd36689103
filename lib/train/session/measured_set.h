#pragma once

#include "train/session/data_sets.h"

namespace lucid {

// Visits every voxel of a set. Throws Error(kDiverged) naming the first that is not finite.
void walk_finite(const Dataset& set, const VoxelVisitor& visit);

// Measures the training set by the rule of the config. Throws Error(kData) if that cannot be done.
Normalization measured_set(const RunConfig& config, const DataSets& sets);

}  // namespace lucid
