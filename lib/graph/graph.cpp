#include "graph/graph.h"

namespace lucid {

Graph::Graph(Shape input, std::vector<Node> nodes)
    : input_(std::move(input)),
      nodes_(std::move(nodes)),
      outputs_{static_cast<int>(nodes_.size()) - 1} {}

Graph::Graph(Shape input, std::vector<Node> nodes, std::vector<int> outputs)
    : input_(std::move(input)), nodes_(std::move(nodes)), outputs_(std::move(outputs)) {}

std::vector<Shape> Graph::input_shapes(const Node& node) const {
  std::vector<Shape> shapes;
  for (const int input : node.inputs)
    shapes.push_back(input == Node::kNetworkInput ? input_
                                                  : nodes_[static_cast<std::size_t>(input)].shape);
  return shapes;
}

}  // namespace lucid
