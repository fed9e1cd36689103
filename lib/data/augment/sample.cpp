#include "data/augment/sample.h"

namespace lucid {

Resampling& AugmentedSample::resample(const Padding& padding) {
  if (resampling.padding() != padding) settle();
  if (!resampling.is_pending()) resampling.begin(volume.extents, padding);
  return resampling;
}

void AugmentedSample::settle() {
  if (resampling.is_pending()) resampling.apply(volume, labels);
}

}  // namespace lucid
