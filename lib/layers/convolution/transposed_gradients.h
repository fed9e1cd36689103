#pragma once

#include "layers/convolution/phase_products.h"
#include "layers/weighted/weighted.h"

namespace lucid {

// Records the gradients of a transposed convolution by what it is the transpose of: a strided
// convolution of its output's gradient. `values`: what it read and wrote. Not for dilated ones.
void record_transposed_gradients(PlanBuilder& b, const PhaseConvolution& of, const Layout& bias,
                                 const WeightedValues& values);

}  // namespace lucid
