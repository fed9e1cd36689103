#pragma once

#include "data/augment/pending_warp.h"

namespace lucid {

// A sample that passes through the transforms, with their scratch memory. One object serves any
// number of samples in turn.
struct AugmentedSample {
  Grid volume;
  Grid labels;  // no channels unless the target is voxels
  PendingWarp resampling;

  // Returns the pending resampling to add to; one that cannot take more is applied first.
  PendingWarp& resample(const Padding& padding);
  // Applies a pending resampling. Transforms other than resampling ones need it applied.
  void apply_warp();
};

}  // namespace lucid
