#pragma once

#include "layers/convolution/problem/route.h"

namespace lucid {

// The list of routes. A new route is its own file in routes/ and a line here.
const Routes& convolution_routes();

}  // namespace lucid
