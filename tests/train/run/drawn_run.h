#pragma once

#include <vector>

#include "base/json.h"

namespace lucid::test {

// Training steps from weights and batches that golden/make_networks.py draws as well.
struct DrawnRun {
  std::vector<double> losses;               // of each step, before its update
  std::vector<std::vector<float>> outputs;  // of the first step, as the config lists them
};
DrawnRun drawn_run(const Json& config, std::int64_t batch, std::size_t steps);

// The largest difference of two lists beside the expected number.
double worst_relative(const std::vector<double>& found, const std::vector<double>& expected);

}  // namespace lucid::test
