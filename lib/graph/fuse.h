#pragma once

#include <optional>
#include <vector>

#include "graph/graph.h"

namespace lucid {

// For every node: the index of the norm that inference folds into its weight and bias, or -1. A
// norm is folded where nobody else reads the node.
std::vector<int> folded_norms(const Graph& graph);

// For every node: the index of the ReLU (or LeakyReLU) that it applies to its own output, or -1. A
// ReLU is taken over where the node before it can apply it and nobody else reads that node.
// `norms`: folded_norms(), where they are folded; who took a norm over stands for it.
std::vector<int> fused_relus(const Graph& graph);
std::vector<int> fused_relus(const Graph& graph, const std::vector<int>& norms);

// For every node: the negative slope of the ReLU that it is, where the only node that reads it
// undoes it on the way back, as a max pooling can without another look at what it pooled.
std::vector<std::optional<float>> undone_relus(const Graph& graph);

// For every node: the index of the pooling of pairs behind the ReLU that it applies, or -1.
// `fused`: fused_relus().
std::vector<int> pools_behind(const Graph& graph, const std::vector<int>& fused);

}  // namespace lucid
