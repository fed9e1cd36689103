#include "graph/node_roles.h"

#include "graph/fuse.h"

namespace lucid {
namespace {

using Roles = std::vector<NodeRole>;

NodeRole& at(Roles& roles, int node) { return roles[static_cast<std::size_t>(node)]; }

void take_over(Roles& roles, std::size_t by, int node) {
  at(roles, node).is_taken_over = true;
  at(roles, node).source = by;
}

void mark_fused(const Graph& graph, const CompileOptions& options, Roles& roles) {
  for (std::size_t i = 0; i < roles.size(); ++i) roles[i].source = i;
  std::vector<int> norms(roles.size(), -1);
  if (options.mode == Mode::kInfer) norms = folded_norms(graph);
  for (std::size_t i = 0; i < roles.size(); ++i) {
    roles[i].folded_norm = norms[i];
    if (norms[i] >= 0) take_over(roles, i, norms[i]);
  }
  if (!options.fuse_relu) return;
  const std::vector<int> fused = fused_relus(graph, norms);
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (fused[i] < 0) continue;
    roles[i].relu_slope = graph.nodes()[static_cast<std::size_t>(fused[i])].layer->relu_slope();
    take_over(roles, i, fused[i]);
  }
  const std::vector<int> pools = pools_behind(graph, fused);
  for (std::size_t i = 0; i < roles.size(); ++i) roles[i].pool_behind = pools[i];
  const auto undone = undone_relus(graph);
  for (std::size_t i = 0; i < roles.size(); ++i)
    if (undone[i]) roles[roles[i].source].undone_slope = undone[i];
}

void mark_needed(const Graph& graph, const CompileOptions& options, Roles& roles) {
  for (const int output : outputs_of(graph, options)) at(roles, output).is_needed = true;
  for (std::size_t i = roles.size(); i-- > 0;) {
    if (!roles[i].is_needed) continue;
    for (const int input : graph.nodes()[i].inputs)
      if (input != Node::kNetworkInput) at(roles, input).is_needed = true;
  }
}

// Rounding pays where the next layer reads half the bytes; a loss gets floats.
void mark_read_in_bfloat16(const Graph& graph, const CompileOptions& options, Roles& roles) {
  if (options.precision != Precision::kBfloat16) return;
  const auto mark = [&](int node, bool is_read) {
    roles[at(roles, node).source].is_read_in_bfloat16 = is_read;
  };
  for (std::size_t i = 0; i < roles.size(); ++i)
    if (roles[i].is_needed && !roles[i].is_taken_over && graph.nodes()[i].layer->knows_bfloat16())
      for (const int input : graph.nodes()[i].inputs)
        if (input != Node::kNetworkInput) mark(input, true);
  for (const int output : outputs_of(graph, options)) mark(output, false);
}

}  // namespace

std::span<const int> outputs_of(const Graph& graph, const CompileOptions& options) {
  const std::span<const int> all = graph.outputs();
  return options.main_output_only ? all.first(1) : all;
}

std::vector<NodeRole> node_roles(const Graph& graph, const CompileOptions& options) {
  Roles roles(graph.nodes().size());
  mark_fused(graph, options, roles);
  mark_needed(graph, options, roles);
  mark_read_in_bfloat16(graph, options, roles);
  return roles;
}

}  // namespace lucid
