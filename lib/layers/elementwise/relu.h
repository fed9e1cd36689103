#pragma once

#include "layers/layer/layer.h"

namespace lucid {

// Records dx = (y > 0 ? dy : 0), in place if dy may be overwritten. The output of a ReLU serves
// because y > 0 exactly where x > 0, so x need not be kept. y and dy must share one layout.
Value relu_gradient(PlanBuilder& b, Value y, Value dy);

}  // namespace lucid
