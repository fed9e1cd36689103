#pragma once

#include "kernels/elementwise/elementwise.h"
#include "layers/layer/layer.h"

namespace lucid {

// Records dx = f' dy, in place if dy may be overwritten. `known` is the value that f.gradient_from
// names, in the layout of dy.
Value elementwise_gradient(PlanBuilder& b, const Elementwise& f, Value known, Value dy);

}  // namespace lucid
