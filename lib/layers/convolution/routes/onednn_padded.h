#pragma once

#include "layers/convolution/problem/route.h"

namespace lucid {

// Computes a weight gradient by oneDNN from an input that a step before pads along the depth: on
// AVX2 its native kernel refuses such padding.
extern const Route kOneDnnPaddedRoute;

}  // namespace lucid
