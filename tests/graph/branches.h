#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "support/reference.h"

// Builds graphs with branches node by node, from 3x3x3 convolutions that keep the size, ReLUs, and
// sums of two.
namespace lucid::test {

class Branches {
 public:
  static constexpr int kInput = Node::kNetworkInput;
  explicit Branches(const Shape& input) : input_(input) {}

  int conv(int input, std::int64_t out_channels);
  int relu(int input) { return layer("ReLU", "{}", {input}); }
  int sum(int left, int right) { return layer("Add", "{}", {left, right}); }
  int layer(const std::string& type, const std::string& arguments, std::vector<int> inputs);
  Graph graph() { return {input_, std::move(nodes_)}; }

 private:
  int add(Node node);
  const Shape& shape_of(int node) const;

  Shape input_;
  std::vector<Node> nodes_;
};

// Computes the same graph by plain loops in double precision: forward, and all gradients for a
// given gradient of the output.
struct NaiveResult {
  Array output, input_gradient;
  std::map<std::string, Array> parameter_gradients;  // "node/weight", "node/bias"
};
NaiveResult run_naively(const Graph& graph, const std::map<std::string, Array>& parameters,
                        const Array& input, const Array& output_gradient);

}  // namespace lucid::test
