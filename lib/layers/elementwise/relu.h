#pragma once

#include "layers/layer/layer.h"

namespace lucid {

// Records dx = (y > 0 ? dy : 0), from the output of a ReLU: y > 0 exactly where x > 0, so x need
// not be kept. In place where dy may be overwritten. y and dy must share one layout.
Value relu_gradient(PlanBuilder& b, Value y, Value dy);

}  // namespace lucid
