#pragma once

#include <vector>

#include "base/rng.h"
#include "objective/loss/loss.h"
#include "objective/loss/loss_rows.h"

namespace lucid::test {

std::vector<float> random_values(const Shape& shape, Rng rng);

// Draws labels, some of them ignored, for losses over labels, else values from 0 to 1. No value is
// so close to a kink of the loss that a central difference would cross it.
std::vector<float> random_targets(const Loss& loss, const LossRow& row,
                                  const std::vector<float>& prediction, Rng rng);

}  // namespace lucid::test
