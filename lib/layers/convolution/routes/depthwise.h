#pragma once

#include "layers/convolution/problem/route.h"

namespace lucid {

// Convolves every channel by itself with kernels of ours, on blocked tensors: oneDNN computes such
// groups as products with matrices of one row.
extern const Route kDepthwiseRoute;

}  // namespace lucid
