#include "graph/fuse.h"

namespace lucid {

std::vector<int> folded_norms(const Graph& graph) {
  const auto nodes = graph.nodes();
  const std::vector<int> readers = graph.reader_counts();
  std::vector<int> folded(nodes.size(), -1);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].layer->frozen_norm_eps() || nodes[i].inputs[0] == Node::kNetworkInput) continue;
    const auto before = static_cast<std::size_t>(nodes[i].inputs[0]);
    const bool can_fold =
        nodes[before].layer->norm_channels(graph.input_shapes(nodes[before])).has_value();
    if (can_fold && readers[before] == 1) folded[before] = static_cast<int>(i);
  }
  return folded;
}

std::vector<int> fused_relus(const Graph& graph) {
  return fused_relus(graph, std::vector<int>(graph.nodes().size(), -1));
}

std::vector<int> fused_relus(const Graph& graph, const std::vector<int>& norms) {
  const auto nodes = graph.nodes();
  const std::vector<int> readers = graph.reader_counts();
  std::vector<int> fused(nodes.size(), -1);
  std::vector<std::size_t> sources(nodes.size());  // who computes a node's output
  for (std::size_t i = 0; i < nodes.size(); ++i) sources[i] = i;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (norms[i] >= 0) sources[static_cast<std::size_t>(norms[i])] = i;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::optional<float> slope = nodes[i].layer->relu_slope();
    if (!slope || nodes[i].inputs[0] == Node::kNetworkInput) continue;
    const auto before = static_cast<std::size_t>(nodes[i].inputs[0]);
    const Layer& layer = *nodes[sources[before]].layer;
    const bool can_apply = *slope == 0 ? layer.can_apply_relu() : layer.can_apply_leaky_relu();
    if (can_apply && readers[before] == 1) fused[sources[before]] = static_cast<int>(i);
  }
  return fused;
}

std::vector<std::optional<float>> undone_relus(const Graph& graph) {
  const auto nodes = graph.nodes();
  const std::vector<int> readers = graph.reader_counts();
  std::vector<std::optional<float>> undone(nodes.size());
  for (const Node& node : nodes) {
    if (!node.layer->can_undo_relu() || node.inputs[0] == Node::kNetworkInput) continue;
    const auto before = static_cast<std::size_t>(node.inputs[0]);
    if (readers[before] == 1) undone[before] = nodes[before].layer->relu_slope();
  }
  return undone;
}

std::vector<int> pools_behind(const Graph& graph, const std::vector<int>& fused) {
  const auto nodes = graph.nodes();
  const std::vector<int> readers = graph.reader_counts();
  std::vector<int> pools(nodes.size(), -1);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (fused[i] < 0 || readers[static_cast<std::size_t>(fused[i])] != 1) continue;
    for (std::size_t k = 0; k < nodes.size(); ++k)
      if (nodes[k].layer->is_pair_pool() && nodes[k].inputs[0] == fused[i])
        pools[i] = static_cast<int>(k);
  }
  return pools;
}

}  // namespace lucid
