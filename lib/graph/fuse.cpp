#include "graph/fuse.h"

namespace lucid {

std::vector<int> fused_relus(const Graph& graph) {
  const auto nodes = graph.nodes();
  std::vector<int> readers(nodes.size(), 0), fused(nodes.size(), -1);
  for (const Node& node : nodes)
    for (const int input : node.inputs)
      if (input != Node::kNetworkInput) ++readers[static_cast<std::size_t>(input)];
  for (const int output : graph.outputs()) ++readers[static_cast<std::size_t>(output)];  // the loss
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::optional<float> slope = nodes[i].layer->relu_slope();
    if (!slope || nodes[i].inputs[0] == Node::kNetworkInput) continue;
    const auto before = static_cast<std::size_t>(nodes[i].inputs[0]);
    const Layer& layer = *nodes[before].layer;
    const bool can_apply = *slope == 0 ? layer.can_apply_relu() : layer.can_apply_leaky_relu();
    if (can_apply && readers[before] == 1) fused[before] = static_cast<int>(i);
  }
  return fused;
}

}  // namespace lucid
