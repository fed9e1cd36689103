#pragma once

#include "layers/convolution/problem/route.h"

namespace lucid {

// Computes convolutions of small volumes by their definition, without the products with padding.
extern const Route kSmallVolumeRoute;

}  // namespace lucid
