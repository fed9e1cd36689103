#pragma once

#include "layers/convolution/problem/route.h"

namespace lucid {

// Computes convolutions with kernels of 3x3 in their planes by Winograd's fewer products, and their
// gradients likewise, where there are channels enough to pay for the transforms.
extern const Route kWinogradRoute;

}  // namespace lucid
