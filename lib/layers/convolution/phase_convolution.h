#pragma once

#include "layers/convolution/phase_products.h"

namespace lucid {

// Records a transposed convolution over the parameters "weight" and, unless `bias` is zero, "bias",
// with the ReLU that follows.
Backward compile_phase_convolution(PlanBuilder& b, const PhaseConvolution& convolution,
                                   const Layout& bias);

}  // namespace lucid
