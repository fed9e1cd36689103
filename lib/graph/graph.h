#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "layers/layer.h"

namespace lucid {

// One layer in its place. An input is the index of an earlier node, or kNetworkInput.
struct Node {
  static constexpr int kNetworkInput = -1;
  std::string name, type;
  std::unique_ptr<Layer> layer;
  std::vector<int> inputs;
  Shape shape;  // of the output, without batch
};

// A network: names, layers, edges, shapes; in topological order, the last node is the output. Holds
// no buffers.
class Graph {
 public:
  Graph(Shape input, std::vector<Node> nodes)
      : input_(std::move(input)), nodes_(std::move(nodes)) {}

  std::span<const Node> nodes() const { return nodes_; }
  const Shape& input_shape() const { return input_; }  // (C, D, H, W)
  const Shape& output_shape() const { return nodes_.back().shape; }
  std::vector<Shape> input_shapes(const Node& node) const;
  std::vector<ParameterSpec> parameters(const Node& node) const {
    return node.layer->parameters(input_shapes(node));
  }

 private:
  Shape input_;
  std::vector<Node> nodes_;
};

}  // namespace lucid
