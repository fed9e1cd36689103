#include "graph/graph.h"

namespace lucid {

std::vector<Shape> Graph::input_shapes(const Node& node) const {
  std::vector<Shape> shapes;
  for (const int input : node.inputs)
    shapes.push_back(input == Node::kNetworkInput ? input_
                                                  : nodes_[static_cast<std::size_t>(input)].shape);
  return shapes;
}

}  // namespace lucid
