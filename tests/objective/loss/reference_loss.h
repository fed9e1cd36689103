#pragma once

#include <vector>

#include "base/json.h"
#include "tensor/shape.h"

namespace lucid::test {

// Computes the loss that `config` describes from its formula in double, element by element, without
// code of lib/objective.
double reference_loss(const Json& config, const Shape& shape, const std::vector<double>& prediction,
                      const std::vector<double>& target);

}  // namespace lucid::test
