#pragma once

#include <string>
#include <vector>

#include "layers/table/reference_network.h"
#include "support/gradient_check.h"

namespace lucid::test {

// A direction in which one tensor of a row is moved, and how far no kink is crossed either way.
struct Probe {
  std::string name;  // "input" or a parameter's
  std::vector<double> direction;
  Step step;
};

Array& value_of(ReferenceNetwork& network, const std::string& name);
const Array& gradient_of(ReferenceNetwork& network, const std::string& name);

// One for the input and one for every parameter. The network keeps its numbers.
std::vector<Probe> probes(ReferenceNetwork& network);

}  // namespace lucid::test
