#pragma once

#include "layers/layer.h"
#include "layers/phases.h"

namespace lucid {

// A transposed convolution, as a convolution of stride 1 over phases and their interleaving.
struct PhaseConvolution {
  PhasePacking packing;
  Triple stride, padding;
  Shape output;  // (N, C, D, H, W)
};

// Records it over the parameters "weight" and, unless `bias` is zero, "bias", with the ReLU that
// follows.
Backward compile_phase_convolution(PlanBuilder& b, const PhaseConvolution& convolution,
                                   const Layout& bias);

}  // namespace lucid
