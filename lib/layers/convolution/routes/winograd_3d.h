#pragma once

#include "layers/convolution/problem/route.h"

namespace lucid {

// Computes convolutions of 3x3x3 taps by Winograd's products along all three axes.
extern const Route kWinograd3dRoute;

}  // namespace lucid
