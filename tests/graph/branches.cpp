#include "graph/branches.h"

#include <nlohmann/json.hpp>

#include "layers/registry.h"

namespace lucid::test {
namespace {

Window window_of(const Shape& x) {
  return {.kernel = {3, 3, 3}, .low = {1, 1, 1}, .output = {x[2], x[3], x[4]}};
}

void add_to(Array& total, const Array& part) {
  if (total.values.empty()) total = Array(part.shape);
  for (std::size_t i = 0; i < part.values.size(); ++i) total.values[i] += part.values[i];
}

}  // namespace

int Branches::conv(int input, std::int64_t out_channels) {
  return layer(
      "Conv3D",
      R"({"kernel_size": 3, "padding": 1, "out_channels": )" + std::to_string(out_channels) + "}",
      {input});
}

int Branches::layer(const std::string& type, const std::string& arguments,
                    std::vector<int> inputs) {
  ConfigErrors errors("a.json");
  const Json json = parse_json(arguments, "a.json");
  JsonObject object(json, "", errors);
  Node node{"", type, make_layer(type, object), std::move(inputs), {}};
  errors.throw_if_any();
  return add(std::move(node));
}

int Branches::add(Node node) {
  const auto index = static_cast<int>(nodes_.size());
  node.name = node.type + std::to_string(index);
  std::vector<Shape> shapes;
  for (const int input : node.inputs) shapes.push_back(shape_of(input));
  node.shape = node.layer->output_shape(shapes);
  nodes_.push_back(std::move(node));
  return index;
}

const Shape& Branches::shape_of(int node) const {
  return node == kInput ? input_ : nodes_[static_cast<std::size_t>(node)].shape;
}

NaiveResult run_naively(const Graph& graph, const std::map<std::string, Array>& parameters,
                        const Array& input, const Array& output_gradient) {
  std::map<int, Array> values{{Node::kNetworkInput, input}}, gradients;
  const auto nodes = graph.nodes();
  for (int i = 0; i < std::ssize(nodes); ++i) {
    const Node& node = nodes[static_cast<std::size_t>(i)];
    const Array& x = values.at(node.inputs[0]);
    if (node.type == "Conv3D")
      values[i] = conv(x, parameters.at(node.name + "/weight"), parameters.at(node.name + "/bias"),
                       window_of(x.shape));
    else if (node.type == "ReLU")
      values[i] = relu(x);
    else
      for (const int branch : node.inputs) add_to(values[i], values.at(branch));
  }
  NaiveResult result;
  result.output = values.at(static_cast<int>(nodes.size()) - 1);
  gradients[static_cast<int>(nodes.size()) - 1] = output_gradient;
  for (int i = static_cast<int>(nodes.size()) - 1; i >= 0; --i) {
    const Node& node = nodes[static_cast<std::size_t>(i)];
    const Array &x = values.at(node.inputs[0]), dy = gradients.at(i);
    if (node.type == "Conv3D") {
      const Array& weight = parameters.at(node.name + "/weight");
      result.parameter_gradients[node.name + "/weight"] =
          conv_weight_gradient(x, weight, dy, window_of(x.shape));
      result.parameter_gradients[node.name + "/bias"] = bias_gradient(dy);
      add_to(gradients[node.inputs[0]], conv_input_gradient(x, weight, dy, window_of(x.shape)));
    } else if (node.type == "ReLU") {
      add_to(gradients[node.inputs[0]], relu_gradient(x, dy));
    } else {
      for (const int branch : node.inputs) add_to(gradients[branch], dy);
    }
  }
  result.input_gradient = gradients.at(Node::kNetworkInput);
  return result;
}

}  // namespace lucid::test
