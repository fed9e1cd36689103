#include "graph/parse.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "layers/registry.h"
#include "support/from_text.h"

namespace lucid {
namespace {

using Words = std::vector<std::string>;

Graph graph_of(const std::string& layers, const std::string& input) {
  return test::from_text(R"({"input": )" + input + R"(, "layers": )" + layers + "}", "/model",
                         [](JsonObject& model) { return read_graph(model); });
}

std::string errors(const std::string& layers,
                   const std::string& input = R"({"channels": 1, "size": 8})") {
  return test::error_of([&] { graph_of(layers, input); });
}

Words names_of(const std::string& layers) {
  Words names;
  const Graph graph = graph_of(layers, R"({"channels": 1, "size": 8})");
  for (const Node& node : graph.nodes()) names.push_back(node.name);
  return names;
}

}  // namespace

TEST_CASE("an unknown layer is told with its likely name and all known ones") {
  CHECK(errors(R"([{"type": "MaxPol3D", "kernel_size": 2}])") ==
        "2: a.json: /model/layers/0/type: no layer 'MaxPol3D'; did you mean 'MaxPool3D'? known: " +
            join(layer_types(), ", "));
}

TEST_CASE("a layer without a type is told at the layer, and nothing else about it") {
  CHECK(errors(R"([{"kernel_size": 2}])") ==
        "2: a.json: /model/layers/0: expected the key 'type' (a string), found none");
  CHECK(errors(R"([{"type": 3}])") ==
        "2: a.json: /model/layers/0/type: expected a string, found 3");
  CHECK(errors("[3]") == "2: a.json: /model/layers/0: expected an object, found 3");
}

TEST_CASE("a network needs layers and an input") {
  CHECK(errors("[]") ==
        "2: a.json: /model/layers: expected a list of objects, at least one, found []");
  CHECK(errors(R"([{"type": "ReLU"}])", R"({"channels": 0})") ==
        "2: a.json: /model/input/channels: expected an integer from 1 to 16777216, found 0\n"
        "a.json: /model/input: expected the key 'size' (an integer from 1 to 16777216 or [d, h, "
        "w] of them), found none");
}

TEST_CASE("an input beyond 64 bits is refused") {
  CHECK(errors(R"([{"type": "ReLU"}])", R"({"channels": 16777216, "size": 16777216})") ==
        "2: a.json: /model/input/size: a size of 281474976710656 x 16777216 is beyond 64 bits");
}

TEST_CASE("two layers of one name are told with both places") {
  CHECK(errors(R"([{"type": "ReLU", "name": "a"}, {"type": "ReLU"},
                     {"type": "ReLU", "name": "a"}])") ==
        "2: a.json: /model/layers/2/name: the name 'a' stands already at /model/layers/0");
}

TEST_CASE("a given name may collide with a default one, which is told") {
  CHECK(errors(R"([{"type": "ReLU", "name": "relu_2"}, {"type": "ReLU"}])") ==
        "2: a.json: /model/layers/1/name: the name 'relu_2' stands already at /model/layers/0");
}

TEST_CASE("names that are reserved, empty or paths are refused") {
  for (const std::string name : {"input", "", "a/b"}) {
    CAPTURE(name);
    CHECK(errors(R"([{"type": "ReLU", "name": ")" + name + "\"}]") ==
          "2: a.json: /model/layers/0/name: expected a name that is not empty, not 'input' and "
          "holds no '/', found '" +
              name + "'");
  }
}

TEST_CASE("an input that no layer has is told with its likely name") {
  CHECK(errors(R"([{"type": "ReLU", "name": "first"}, {"type": "ReLU", "inputs": ["frist"]}])") ==
        "2: a.json: /model/layers/1/inputs: no layer 'frist'; did you mean 'first'?");
  CHECK(errors(R"([{"type": "ReLU", "inputs": "x"}])") ==
        "2: a.json: /model/layers/0/inputs: no layer 'x'; known: input, relu_1");
}

TEST_CASE("a layer of one input takes one") {
  CHECK(errors(R"([{"type": "ReLU", "inputs": ["input", "input"]}])") ==
        "2: a.json: /model/layers/0/inputs: expected one input, found 2");
  CHECK(errors(R"([{"type": "ReLU", "inputs": []}])") ==
        "2: a.json: /model/layers/0/inputs: expected a string or a list of strings, found []");
}

TEST_CASE("a cycle is told at its first layer") {
  CHECK(errors(R"([{"type": "ReLU", "inputs": ["relu_2"]}, {"type": "ReLU"}])") ==
        "2: a.json: /model/layers/0/inputs: layer 'relu_1' waits for 'relu_2', which waits for "
        "'relu_1'; break the cycle");
  CHECK(errors(R"([{"type": "ReLU"}, {"type": "ReLU", "inputs": ["relu_2"]}])") ==
        "2: a.json: /model/layers/1/inputs: layer 'relu_2' waits for its own output; break the "
        "cycle");
}

TEST_CASE("a layer behind a cycle is not blamed for it") {
  CHECK(errors(R"([{"type": "ReLU", "name": "behind", "inputs": ["a"]},
                     {"type": "ReLU", "name": "a", "inputs": ["b"]},
                     {"type": "ReLU", "name": "b", "inputs": ["a"]}])") ==
        "2: a.json: /model/layers/1/inputs: layer 'a' waits for 'b', which waits for 'a'; break "
        "the cycle");
}

TEST_CASE("outputs that nobody reads are told") {
  CHECK(errors(R"([{"type": "ReLU", "name": "a"}, {"type": "ReLU", "name": "b", "inputs": "input"},
                     {"type": "ReLU", "name": "c", "inputs": "input"}])") ==
        "2: a.json: /model/layers/0: no layer reads the output of 'a', and the network's output "
        "is 'c'; remove it, list it under another layer's inputs or under model.outputs\n"
        "a.json: /model/layers/1: no layer reads the output of 'b', and the network's output is "
        "'c'; remove it, list it under another layer's inputs or under model.outputs");
}

TEST_CASE("all mistakes of a model are told at once, what follows from them is not") {
  CHECK(errors(R"([{"type": "Conv3D", "out_channels": 0, "kernel_size": 3},
                     {"type": "Conv3D", "in_channels": 9, "out_channels": 4, "kernel_size": 30},
                     {"type": "Rel"},
                     {"type": "Linear", "in_features": 3, "out_features": 2, "bias": 1}])",
               R"({"channels": 1, "size": 8, "sise": 1})") ==
        "2: a.json: /model/input/sise: unknown key; did you mean 'size'?\n"
        "a.json: /model/layers/0/out_channels: expected an integer from 1 to 16777216, found 0\n"
        "a.json: /model/layers/2/type: no layer 'Rel'; did you mean 'ReLU'? known: " +
            join(layer_types(), ", ") +
            "\na.json: /model/layers/3/bias: expected true or false, found 1");
}

TEST_CASE("channels and features that do not fit are told for every layer") {
  CHECK(errors(R"([{"type": "Conv3D", "in_channels": 3, "out_channels": 4, "kernel_size": 3},
                     {"type": "Conv3D", "in_channels": 5, "out_channels": 4, "kernel_size": 3},
                     {"type": "Linear", "in_features": 7, "out_features": 2}])") ==
        "2: a.json: /model/layers/0/in_channels: layer 'conv3d_1' (Conv3D): expected 1, the "
        "channels of its input, found 3\n"
        "a.json: /model/layers/1/in_channels: layer 'conv3d_2' (Conv3D): expected 4, the channels "
        "of its input, found 5\n"
        "a.json: /model/layers/2/in_features: layer 'linear_1' (Linear): expected 256, the "
        "elements of its input 4x4x4x4, found 7");
}

TEST_CASE("a window that does not fit is told once, the layers behind it are not") {
  CHECK(errors(R"([{"type": "Conv3D", "out_channels": 4, "kernel_size": 9},
                     {"type": "MaxPool3D", "kernel_size": 100},
                     {"type": "Linear", "in_features": 7, "out_features": 2}])") ==
        "2: a.json: /model/layers/0: layer 'conv3d_1' (Conv3D): a window of 9x9x9 voxels does not "
        "fit the padded input of 8x8x8: the output would be empty");
}

TEST_CASE("default names count all layers of a type, an alias has the name of its type") {
  CHECK(names_of(R"([{"type": "Conv3d", "out_channels": 2, "kernel_size": 1}, {"type": "ReLU"},
                     {"type": "Conv3D", "name": "mine", "out_channels": 2, "kernel_size": 1},
                     {"type": "MaxPool3d", "kernel_size": 2}, {"type": "ReLU"},
                     {"type": "Conv3D", "out_channels": 2, "kernel_size": 1},
                     {"type": "MaxPool3D", "kernel_size": 2}])") ==
        Words{"conv3d_1", "relu_1", "mine", "maxpool3d_1", "relu_2", "conv3d_3", "maxpool3d_2"});
}

TEST_CASE("layers listed out of order are sorted, those in order stay") {
  CHECK(names_of(R"([{"type": "ReLU", "name": "c", "inputs": "b"},
                     {"type": "ReLU", "name": "a", "inputs": "input"},
                     {"type": "ReLU", "name": "b", "inputs": "a"}])") == Words{"a", "b", "c"});
}

TEST_CASE("inputs of nodes are places of earlier nodes") {
  const Graph graph = graph_of(R"([{"type": "Linear", "out_features": 2, "inputs": "pool"},
                                   {"type": "MaxPool3D", "name": "pool", "kernel_size": 2,
                                    "inputs": ["input"]}])",
                               R"({"channels": 1, "size": [8, 4, 2]})");
  CHECK(graph.nodes()[0].inputs == std::vector<int>{Node::kNetworkInput});
  CHECK(graph.nodes()[1].inputs == std::vector<int>{0});
  CHECK(graph.input_shape() == Shape{1, 8, 4, 2});
  CHECK(graph.nodes()[0].shape == Shape{1, 4, 2, 1});
  CHECK(graph.output_shape() == Shape{2});
}

}  // namespace lucid
