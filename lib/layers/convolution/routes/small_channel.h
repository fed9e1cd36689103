#pragma once

#include "layers/convolution/problem/route.h"

namespace lucid {

// Computes convolutions from or into so few channels that they would leave vectors half empty, the
// input gradient of such, and the weight gradient of either, by kernels of ours.
extern const Route kSmallChannelRoute;

}  // namespace lucid
