#pragma once

#include "support/experiment.h"

namespace lucid::test {

// Experiments that use all that draws random numbers or keeps state between steps, and save after
// each step: of whole volumes, of patches, and of a U-Net whose norms synchronize over 8 shards,
// with labels that do not count and a last batch of 3 samples.
void use_everything(Experiment& experiment);
void use_everything_on_patches(Experiment& experiment);
void use_everything_on_unet(Experiment& experiment);

}  // namespace lucid::test
