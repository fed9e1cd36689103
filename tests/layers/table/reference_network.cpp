#include "layers/table/reference_network.h"

namespace lucid::test {
namespace {

constexpr const char* kInput = "input";

std::vector<std::string> inputs_of(const Json& layer, const std::string& before) {
  if (!layer.contains("inputs")) return {before};
  const Json& inputs = layer.at("inputs");
  if (inputs.is_string()) return {inputs.get<std::string>()};
  return inputs.get<std::vector<std::string>>();
}

void add_to(Array& total, const Array& part) {
  if (total.values.empty()) total = Array(part.shape);
  for (std::size_t i = 0; i < part.values.size(); ++i) total.values[i] += part.values[i];
}

}  // namespace

ReferenceNetwork::ReferenceNetwork(const Case& of, Mode in) : ReferenceState{&of, in} {
  input = drawn_array(of, 0, of.input.with_batch(of.batch), 1);
  forward();
  output_gradient = drawn_array(of, 1, output.shape, output.shape.elements() / output.shape[1]);
}

void ReferenceNetwork::forward() {
  nodes_.clear();
  pattern.clear();
  std::map<std::string, Array> values{{kInput, input}};
  std::map<std::string, int> counts;
  std::string before = kInput;
  for (const Json& layer : row->layers) {
    const std::string type = lower(layer.at("type").get<std::string>());
    const std::string name = layer.value("name", type + "_" + std::to_string(++counts[type]));
    std::vector<Array> inputs;
    Node node{name, inputs_of(layer, before), {}};
    for (const std::string& from : node.inputs) inputs.push_back(values.at(from));
    ReferenceResult result = run_reference_layer(type, {*this, layer, name, inputs});
    node.back = std::move(result.back);
    values[name] = std::move(result.output);
    nodes_.push_back(std::move(node));
    before = name;
  }
  output = values.at(before);
}

void ReferenceNetwork::backward() {
  std::map<std::string, Array> gradients{{nodes_.back().name, output_gradient}};
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    const std::vector<Array> parts = nodes_[i].back(gradients.at(nodes_[i].name));
    for (std::size_t k = 0; k < parts.size(); ++k) add_to(gradients[nodes_[i].inputs[k]], parts[k]);
  }
  input_gradient = gradients.at(kInput);
}

}  // namespace lucid::test
