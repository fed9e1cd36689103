#pragma once

#include <optional>
#include <span>
#include <vector>

#include "graph/compile.h"
#include "plan/epilogue.h"

namespace lucid {

// Describes the part that a node plays in a plan. It follows from the graph and the options alone,
// and does not change while the plan is compiled.
struct NodeRole {
  // The node that computes this node's output, and receives its gradients: the node itself, or the
  // one into which it is fused.
  std::size_t source = 0;
  // A node that may compute this pooling. Its layer decides so while it is compiled.
  std::optional<std::size_t> possible_source{};
  // An output of the plan depends on the node.
  bool is_needed = false;
  Epilogue epilogue{};
};

std::vector<NodeRole> node_roles(const Graph& graph, const CompileOptions& options);

// Returns the outputs of the graph that the plan computes.
std::span<const int> outputs_of(const Graph& graph, const CompileOptions& options);

}  // namespace lucid
