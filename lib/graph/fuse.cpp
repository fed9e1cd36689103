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
    if (nodes[i].type != "ReLU" || nodes[i].inputs[0] == Node::kNetworkInput) continue;
    const auto before = static_cast<std::size_t>(nodes[i].inputs[0]);
    if (nodes[before].layer->can_apply_relu() && readers[before] == 1)
      fused[before] = static_cast<int>(i);
  }
  return fused;
}

}  // namespace lucid
