#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace lucid {

// Returns what users compare of an effective config, by names as "optimizer.lr": numbers, booleans,
// words, and short lists of numbers as text. What says where data lie, how a network is built layer
// by layer, or only how a run is watched, is left out.
std::vector<std::pair<std::string, Json>> hyperparameters(const Json& config);

}  // namespace lucid
