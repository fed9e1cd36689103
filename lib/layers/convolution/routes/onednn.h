#pragma once

#include "layers/convolution/problem/route.h"

namespace lucid {

// Computes every pass as oneDNN does. Always possible: what oneDNN cannot do is its error.
extern const Route kOneDnnRoute;

}  // namespace lucid
