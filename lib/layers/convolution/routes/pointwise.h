#pragma once

#include "layers/convolution/problem/route.h"

namespace lucid {

// Computes a 1x1x1 convolution into few channels by kernels of ours: oneDNN computes whole blocks
// of channels, and whoever reads class scores wants them in plain order.
extern const Route kPointwiseRoute;

}  // namespace lucid
