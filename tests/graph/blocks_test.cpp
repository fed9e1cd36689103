#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "graph/parse.h"
#include "support/from_text.h"

namespace lucid {
namespace {

using Words = std::vector<std::string>;

// `rest` follows the input: "blocks", "layers", "outputs".
Graph graph_of(const std::string& rest) {
  return test::from_text(R"({"input": {"channels": 1, "size": 8}, )" + rest + "}", "/model",
                         [](JsonObject& model) { return read_graph(model); });
}

std::string block_errors(const std::string& rest) {
  return test::error_of([&] { graph_of(rest); });
}

Words names_of(const Graph& graph) {
  Words names;
  for (const Node& node : graph.nodes()) names.push_back(node.name);
  return names;
}

const std::string kPair = R"("pair": {
    "parameters": {"out_channels": null, "kernel_size": 3},
    "layers": [{"type": "Conv3D", "out_channels": "$out_channels", "kernel_size": "$kernel_size",
                "padding": "same"},
               {"type": "ReLU", "name": "act"}]})";

std::string with_pair(const std::string& layers) {
  return R"("blocks": {)" + kPair + R"(}, "layers": )" + layers;
}

}  // namespace

TEST_CASE("a block stands for its layers, with its arguments in their places") {
  const Graph graph = graph_of(with_pair(
      R"([{"type": "pair", "name": "first", "out_channels": 4},
          {"type": "Conv3D", "out_channels": 2, "kernel_size": 1},
          {"type": "pair", "out_channels": 5, "kernel_size": [1, 2, 3]},
          {"type": "pair", "out_channels": 6, "inputs": "first"},
          {"type": "Linear", "out_features": 2, "inputs": ["pair_3"]},
          {"type": "Linear", "out_features": 3, "inputs": "pair_2"}], "outputs": ["linear_1", "linear_2"])"));
  CHECK(names_of(graph) == Words{"first.conv3d_1", "first.act", "conv3d_1", "pair_2.conv3d_1",
                                 "pair_2.act", "pair_3.conv3d_1", "pair_3.act", "linear_1",
                                 "linear_2"});
  CHECK(graph.nodes()[2].inputs == std::vector<int>{1});
  CHECK(graph.nodes()[5].inputs == std::vector<int>{1});
  CHECK(graph.nodes()[7].inputs == std::vector<int>{6});
  CHECK(graph.nodes()[3].shape == Shape{5, 8, 8, 8});
  CHECK(graph.parameters(graph.nodes()[3])[0].shape == Shape{5, 2, 1, 2, 3});
  CHECK(graph.parameters(graph.nodes()[0])[0].shape == Shape{4, 1, 3, 3, 3});
}

TEST_CASE("a block may be made of blocks, hand parameters on and read several inputs") {
  const Graph graph = graph_of(R"("blocks": {)" + kPair + R"(,
    "twice": {"parameters": {"width": 3}, "inputs": ["left", "right"],
              "layers": [{"type": "pair", "name": "a", "out_channels": "$width", "inputs": "right"},
                         {"type": "pair", "name": "b", "out_channels": 2, "inputs": "left"},
                         {"type": "Linear", "out_features": "$width", "inputs": "a"},
                         {"type": "Linear", "out_features": 1, "inputs": "b"}]}},
    "layers": [{"type": "ReLU"}, {"type": "twice", "name": "t", "width": 7,
                                  "inputs": ["input", "relu_1"]}],
    "outputs": ["t", "t.linear_1"])");
  CHECK(names_of(graph) == Words{"relu_1", "t.a.conv3d_1", "t.a.act", "t.b.conv3d_1", "t.b.act",
                                 "t.linear_1", "t.linear_2"});
  CHECK(graph.nodes()[1].inputs == std::vector<int>{0});
  CHECK(graph.nodes()[3].inputs == std::vector<int>{Node::kNetworkInput});
  CHECK(graph.nodes()[5].shape == Shape{7});
  CHECK(graph.outputs() == std::vector<int>{6, 5});
}

TEST_CASE("the layers of a block read its input where they name it") {
  const Graph graph = graph_of(R"("blocks": {"skip": {
      "layers": [{"type": "ReLU"}, {"type": "Linear", "out_features": 2, "inputs": "input"}]}},
      "layers": [{"type": "ReLU"}, {"type": "skip", "name": "s"}], "outputs": ["s", "s.relu_1"])");
  CHECK(graph.nodes()[1].inputs == std::vector<int>{0});
  CHECK(graph.nodes()[2].inputs == std::vector<int>{0});
}

TEST_CASE("mistakes in the use of a block are told where it is used") {
  CHECK(block_errors(with_pair(R"([{"type": "pair"}, {"type": "pair", "out_chanels": 3}])")) ==
        "2: a.json: /model/layers/0: expected the key 'out_channels' (a parameter of the block "
        "'pair'), found none\n"
        "a.json: /model/layers/1: expected the key 'out_channels' (a parameter of the block "
        "'pair'), found none\n"
        "a.json: /model/layers/1/out_chanels: unknown key; did you mean 'out_channels'?");
  CHECK(block_errors(
            with_pair(R"([{"type": "pair", "out_channels": 3, "inputs": ["input", "input"]}])")) ==
        "2: a.json: /model/layers/0/inputs: expected 1 for the block 'pair' (input), found 2");
  CHECK(
      block_errors(with_pair(R"([{"type": "pair", "out_channels": 3}, {"type": "pairs"}])"))
          .starts_with("2: a.json: /model/layers/1/type: no layer 'pairs'; did you mean 'pair'?"));
}

TEST_CASE("a layer that reads a mistaken block is not blamed for it") {
  CHECK(block_errors(with_pair(R"([{"type": "pair", "name": "a", "out_channels": 3, "bias": 1},
                               {"type": "ReLU", "inputs": "a"}])")) ==
        "2: a.json: /model/layers/0/bias: unknown key; known: type, name, inputs, out_channels, "
        "kernel_size");
}

TEST_CASE("mistakes within a block are told once, at the block") {
  CHECK(block_errors(R"("blocks": {"b": {"parameters": {"n": 2}, "layers": [
          {"type": "Conv3D", "out_channels": "$n", "kernel_size": "$m", "bais": true}]}},
          "layers": [{"type": "b"}, {"type": "b", "n": 3}])") ==
        "2: a.json: /model/blocks/b/layers/0/kernel_size: the block has no parameter 'm'; did you "
        "mean '$n'?\n"
        "a.json: /model/blocks/b/layers/0/kernel_size: expected an integer from 1 to 1048576 or "
        "[d, h, w] of them, found null\n"
        "a.json: /model/blocks/b/layers/0/bais: unknown key; did you mean 'bias'?");
  CHECK(block_errors(with_pair(R"([{"type": "pair", "out_channels": 0}])")) ==
        "2: a.json: /model/blocks/pair/layers/0/out_channels: expected an integer from 1 to "
        "16777216, found 0");
}

TEST_CASE("a block that is made of itself, unused or called like a layer is told") {
  CHECK(
      block_errors(R"("blocks": {"b": {"layers": [{"type": "b"}]}}, "layers": [{"type": "b"}])") ==
      "2: a.json: /model/blocks/b/layers/0/type: the block 'b' is made of itself");
  CHECK(block_errors(
            R"("blocks": {"b": {"layers": [{"type": "ReLU"}]}}, "layers": [{"type": "ReLU"}])") ==
        "2: a.json: /model/blocks/b: no layer uses the block 'b'; remove it");
  CHECK(block_errors(R"("blocks": {"ReLU": {"layers": [{"type": "Flatten"}]}},
                    "layers": [{"type": "ReLU"}])") ==
        "2: a.json: /model/blocks/ReLU: expected a name of its own, found the layer 'ReLU'");
  CHECK(block_errors(R"("blocks": {"b": {"parameters": {"name": 3}, "layers": [{"type": "ReLU"}]}},
                    "layers": [{"type": "b"}])") ==
        "2: a.json: /model/blocks/b/parameters/name: expected another name than a key of every "
        "layer, found 'name'");
}

TEST_CASE("outputs are named once each, and no layer is left unread") {
  const std::string two = R"("layers": [{"type": "ReLU", "name": "a"},
                                        {"type": "ReLU", "name": "b", "inputs": "input"}])";
  CHECK(graph_of(two + R"(, "outputs": ["b", "a"])").outputs() == std::vector<int>{1, 0});
  CHECK(block_errors(two + R"(, "outputs": ["a"])") ==
        "2: a.json: /model/layers/1: no layer reads the output of 'b', and the network's output is "
        "'a'; remove it, list it under another layer's inputs or under model.outputs");
  CHECK(block_errors(two + R"(, "outputs": ["a", "a", "c"])") ==
        "2: a.json: /model/outputs: the output 'a' stands twice; keep one\n"
        "a.json: /model/outputs: no layer 'c'; did you mean 'a'?");
  CHECK(block_errors(two + R"(, "outputs": "input")")
            .starts_with("2: a.json: /model/outputs: no layer 'input'"));
}

}  // namespace lucid
