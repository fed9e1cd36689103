#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "layers/layer/layer.h"

namespace lucid {

// One layer in its place. An input is the index of an earlier node, or kNetworkInput.
struct Node {
  static constexpr int kNetworkInput = -1;
  std::string name, type;
  std::unique_ptr<Layer> layer;
  std::vector<int> inputs;
  Shape shape;  // of the output, without batch
};

// A network: names, layers, edges, shapes; in topological order. Holds no buffers. Of several
// outputs the first is the main one: what predictions are; the others serve losses of their own.
class Graph {
 public:
  Graph(Shape input, std::vector<Node> nodes);  // the last node is the output
  Graph(Shape input, std::vector<Node> nodes, std::vector<int> outputs);

  Graph with_outputs(std::vector<int> outputs) && {  // the same network, cut elsewhere
    return {std::move(input_), std::move(nodes_), std::move(outputs)};
  }

  std::span<const Node> nodes() const { return nodes_; }
  const Shape& input_shape() const { return input_; }           // (C, D, H, W)
  const std::vector<int>& outputs() const { return outputs_; }  // indices of nodes, at least one
  const Node& output(std::size_t i) const {
    return nodes_[static_cast<std::size_t>(outputs_.at(i))];
  }
  const Shape& output_shape() const { return output(0).shape; }  // of the main one
  std::vector<int> reader_counts() const;  // by node; an output is read by the loss
  std::vector<Shape> input_shapes(const Node& node) const;
  std::vector<ParameterSpec> parameters(const Node& node) const {
    return node.layer->parameters(input_shapes(node));
  }

 private:
  Shape input_;
  std::vector<Node> nodes_;
  std::vector<int> outputs_;
};

}  // namespace lucid
