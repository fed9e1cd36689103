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

std::vector<int> Graph::reader_counts() const {
  std::vector<int> counts(nodes_.size(), 0);
  for (const Node& node : nodes_)
    for (const int input : node.inputs)
      if (input != Node::kNetworkInput) ++counts[static_cast<std::size_t>(input)];
  for (const int output : outputs_) ++counts[static_cast<std::size_t>(output)];
  return counts;
}

}  // namespace lucid
