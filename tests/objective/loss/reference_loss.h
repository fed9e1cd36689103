#pragma once

#include <vector>

#include "base/json.h"
#include "tensor/shape.h"

namespace lucid::test {

// The loss that `config` describes, written down from its formula in double, one element at a time.
// Nothing of lib/objective takes part.
double reference_loss(const Json& config, const Shape& shape, const std::vector<double>& prediction,
                      const std::vector<double>& target);

}  // namespace lucid::test
