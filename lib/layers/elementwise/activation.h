#pragma once

#include "kernels/elementwise/elementwise.h"
#include "layers/layer/layer.h"

namespace lucid {

// The layers that apply a function to every number.

// Records dx = f' dy, in place where dy may be overwritten. `known` is what f.gradient_from asks
// for, in the layout of dy.
Value elementwise_gradient(PlanBuilder& b, const Elementwise& f, Value known, Value dy);

}  // namespace lucid
