#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graph/initialization.h"
#include "layers/layer/layer.h"

namespace lucid {

// Places a layer in a graph. An input is the index of an earlier node, or kNetworkInput.
struct Node {
  static constexpr int kNetworkInput = -1;
  std::string name, type;
  std::unique_ptr<Layer> layer;
  std::vector<int> inputs;
  Shape shape;  // the shape of the output, without batch
};

// Describes a network without its buffers: names, layers, edges and shapes, in topological order.
// The first of several outputs is the main one, which makes predictions; the others serve losses.
class Graph {
 public:
  // The last node is the output.
  Graph(Shape input, std::vector<Node> nodes);
  Graph(Shape input, std::vector<Node> nodes, std::vector<int> outputs);

  // Returns the same network with other nodes as its outputs.
  Graph with_outputs(std::vector<int> outputs) && {
    Graph graph(std::move(input_), std::move(nodes_), std::move(outputs));
    graph.set_initialization(initialization_);
    return graph;
  }

  void set_initialization(const Initialization& how) { initialization_ = how; }
  const Initialization& initialization() const { return initialization_; }

  std::span<const Node> nodes() const { return nodes_; }
  // (C, D, H, W)
  const Shape& input_shape() const { return input_; }
  // Indices of nodes, at least one.
  const std::vector<int>& outputs() const { return outputs_; }
  const Node& output(std::size_t i) const {
    return nodes_[static_cast<std::size_t>(outputs_.at(i))];
  }
  // The shape of the main output.
  const Shape& output_shape() const { return output(0).shape; }
  // Counts the readers of each node; the loss counts as a reader of an output.
  std::vector<int> reader_counts() const;
  std::vector<Shape> input_shapes(const Node& node) const;
  std::vector<ParameterSpec> parameters(const Node& node) const {
    return node.layer->parameters(input_shapes(node));
  }
  Fusion fusion(const Node& node) const { return node.layer->fusion(input_shapes(node)); }
  Cost cost(const Node& node) const { return node.layer->cost(input_shapes(node)); }

 private:
  Shape input_;
  std::vector<Node> nodes_;
  std::vector<int> outputs_;
  Initialization initialization_;
};

}  // namespace lucid
