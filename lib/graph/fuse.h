#pragma once

#include <vector>

#include "graph/graph.h"

namespace lucid {

// For every node: the index of the ReLU (or LeakyReLU) that it applies to its own output, or -1. A
// ReLU is taken over where the node before it can apply it and nobody else reads that node.
std::vector<int> fused_relus(const Graph& graph);

}  // namespace lucid
