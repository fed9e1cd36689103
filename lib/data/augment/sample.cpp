#include "data/augment/sample.h"

namespace lucid {

PendingWarp& AugmentedSample::resample(const Padding& padding) {
  if (resampling.padding() != padding) apply_warp();
  if (!resampling.is_pending()) resampling.begin(volume.extents, padding);
  return resampling;
}

void AugmentedSample::apply_warp() {
  if (resampling.is_pending()) resampling.apply(volume, labels);
}

}  // namespace lucid
