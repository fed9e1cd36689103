#pragma once

#include "support/experiment.h"

namespace lucid::test {

// Experiments that use all that draws random numbers or keeps state between steps, and save after
// each step: of whole volumes, and of patches.
void use_everything(Experiment& experiment);
void use_everything_on_patches(Experiment& experiment);

}  // namespace lucid::test
