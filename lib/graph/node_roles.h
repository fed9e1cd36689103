#pragma once

#include <optional>
#include <span>
#include <vector>

#include "graph/compile.h"

namespace lucid {

// What a node is in a plan, as follows from the graph and the options alone.
struct NodeRole {
  std::size_t source = 0;      // whose output and gradients are meant: itself, or who took it over
  bool is_needed = false;      // an output follows from it
  bool is_taken_over = false;  // a ReLU, a norm or a pooling that a node before computes
  std::optional<float> relu_slope;    // of the ReLU that it applies
  std::optional<float> undone_slope;  // of the ReLU that it is and its reader undoes
  int pool_behind = -1;               // that it may take over
  int folded_norm = -1;               // that its weight and bias hold
  bool is_read_in_bfloat16 = false;
};

std::vector<NodeRole> node_roles(const Graph& graph, const CompileOptions& options);

// The graph's, as far as the plan has them.
std::span<const int> outputs_of(const Graph& graph, const CompileOptions& options);

}  // namespace lucid
