#pragma once

#include "layers/convolution/problem/route.h"

namespace lucid {

// Computes convolutions of 1 to 4 channels in plain order with kernels of 3x3x3, or of 1 channel
// with kernels of up to 6x6x6 and stride 2, and their weight gradients, by Winograd's fewer
// products over depth and height.
extern const Route kFirstLayerRoute;

}  // namespace lucid
