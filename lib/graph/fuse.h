#pragma once

#include <vector>

#include "graph/graph.h"

namespace lucid {

// These functions find the nodes that are computed together with another one. Each returns one
// index per node, or -1. A node joins another only as the sole reader of its output.

// Returns the norm that inference folds into the weight and bias of each node.
std::vector<int> folded_norms(const Graph& graph);

// Returns the ReLU or LeakyReLU that each node applies to its own output. `norms` is the result of
// folded_norms() if they are folded: a node then applies the ReLU behind its norm.
std::vector<int> fused_relus(const Graph& graph);
std::vector<int> fused_relus(const Graph& graph, const std::vector<int>& norms);

// Returns the 2x2x2 max pooling behind the ReLU that each node applies. `relus` is the result of
// fused_relus().
std::vector<int> pair_pools_behind(const Graph& graph, const std::vector<int>& relus);

// Returns for each max pooling the ReLU before it whose backward pass the pooling computes as well.
std::vector<int> relus_folded_into_pools(const Graph& graph);

}  // namespace lucid
