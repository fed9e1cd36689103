#pragma once

#include "layers/convolution/problem/route.h"

namespace lucid {

// Compute transposed convolutions, and the input gradients of strided ones, as convolutions of
// stride 1 over sub-pixel phases: one for each phase, or one for all of them. oneDNN's
// deconvolution falls back to its reference code on blocked layouts.
extern const Route kSubpixelByPhaseRoute, kSubpixelRoute;

}  // namespace lucid
