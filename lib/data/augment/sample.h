#pragma once

#include "data/augment/resampling.h"

namespace lucid {

// A sample on its way through the transforms, and the memory they work in: one serves any number of
// samples, one after the other.
struct AugmentedSample {
  Grid volume;
  Grid labels;  // without channels where the target is no grid of voxels
  Resampling resampling;

  // The resampling to add to. One that cannot be added to is done first.
  Resampling& resample(const Padding& padding);
  // Voxels are where they should be afterwards: for all but the transforms that resample.
  void settle();
};

}  // namespace lucid
