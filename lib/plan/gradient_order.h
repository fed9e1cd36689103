#pragma once

#include <vector>

#include "plan/parameters.h"
#include "plan/recording.h"

namespace lucid {

// Packs the gradients of all parameters, unless they are, in the order in which the steps of a
// recorded backward pass complete them; gradients that no step writes come last.
void pack_gradients_as_completed(Recording& recording, Parameters& parameters);

// Returns for each step of a recording how many floats at the beginning of Parameters::gradients()
// are complete once it has run.
std::vector<std::size_t> completed_gradients(const Recording& recording, Parameters& parameters);

}  // namespace lucid
