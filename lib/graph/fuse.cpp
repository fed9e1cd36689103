#include "graph/fuse.h"

#include <algorithm>
#include <numeric>

namespace lucid {
namespace {

std::vector<int> none(const Graph& graph) { return std::vector<int>(graph.nodes().size(), -1); }

Fusion fusion_at(const Graph& graph, std::size_t i) { return graph.fusion(graph.nodes()[i]); }

// Returns for each node the node of its first input if nothing else reads that one, else -1.
std::vector<int> sole_inputs(const Graph& graph) {
  const std::vector<int> readers = graph.reader_counts();
  std::vector<int> inputs = none(graph);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const int input = graph.nodes()[i].inputs[0];
    if (input != Node::kNetworkInput && readers[static_cast<std::size_t>(input)] == 1)
      inputs[i] = input;
  }
  return inputs;
}

}  // namespace

std::vector<int> folded_norms(const Graph& graph) {
  const std::vector<int> inputs = sole_inputs(graph);
  std::vector<int> folded = none(graph);
  for (std::size_t i = 0; i < folded.size(); ++i) {
    if (inputs[i] < 0 || !fusion_at(graph, i).frozen_norm_eps) continue;
    const auto before = static_cast<std::size_t>(inputs[i]);
    if (fusion_at(graph, before).weight_channels) folded[before] = static_cast<int>(i);
  }
  return folded;
}

std::vector<int> fused_relus(const Graph& graph) { return fused_relus(graph, none(graph)); }

std::vector<int> fused_relus(const Graph& graph, const std::vector<int>& norms) {
  const std::vector<int> inputs = sole_inputs(graph);
  std::vector<int> fused = none(graph);
  std::vector<std::size_t> sources(fused.size());  // the node that computes each node's output
  std::iota(sources.begin(), sources.end(), std::size_t{0});
  for (std::size_t i = 0; i < norms.size(); ++i)
    if (norms[i] >= 0) sources[static_cast<std::size_t>(norms[i])] = i;
  for (std::size_t i = 0; i < fused.size(); ++i) {
    if (inputs[i] < 0 || !fusion_at(graph, i).relu_slope) continue;
    const std::size_t before = sources[static_cast<std::size_t>(inputs[i])];
    if (fusion_at(graph, before).applies_relu) fused[before] = static_cast<int>(i);
  }
  return fused;
}

std::vector<int> pair_pools_behind(const Graph& graph, const std::vector<int>& relus) {
  const std::vector<int> inputs = sole_inputs(graph);
  std::vector<int> pools = none(graph);
  for (std::size_t i = 0; i < pools.size(); ++i) {
    if (inputs[i] < 0 || !fusion_at(graph, i).is_pair_pool) continue;
    const auto applies = std::ranges::find(relus, inputs[i]);
    if (applies != relus.end())
      pools[static_cast<std::size_t>(applies - relus.begin())] = static_cast<int>(i);
  }
  return pools;
}

std::vector<int> relus_folded_into_pools(const Graph& graph) {
  const std::vector<int> inputs = sole_inputs(graph);
  std::vector<int> relus = none(graph);
  for (std::size_t i = 0; i < relus.size(); ++i) {
    if (inputs[i] < 0 || !fusion_at(graph, i).folds_relu_backward) continue;
    const auto before = static_cast<std::size_t>(inputs[i]);
    if (fusion_at(graph, before).relu_slope) relus[i] = inputs[i];
  }
  return relus;
}

}  // namespace lucid
