#pragma once

#include <vector>

#include "objective/objective.h"

namespace lucid {

// Returns what stored targets of this type have to be for every loss: classes, shares for logits
// of their own, or just finite. `outputs` are the shapes of the network's outputs, without N.
std::vector<ValueRule> target_rules(const Objective& objective, std::span<const Shape> outputs,
                                    TargetType type);

}  // namespace lucid
