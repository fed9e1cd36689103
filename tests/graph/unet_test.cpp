#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graph/parse.h"
#include "support/from_text.h"

namespace lucid {
namespace {

// A U-Net of five levels, as short as a config says it.
const std::string kUNet = R"({
  "input": {"channels": 1, "size": [32, 48, 64]},
  "blocks": {
    "double_conv": {
      "parameters": {"out_channels": null},
      "layers": [
        {"type": "Conv3D", "out_channels": "$out_channels", "kernel_size": 3, "padding": 1},
        {"type": "ReLU"},
        {"type": "Conv3D", "out_channels": "$out_channels", "kernel_size": 3, "padding": 1},
        {"type": "ReLU"}
      ]
    },
    "down": {
      "parameters": {"out_channels": null},
      "layers": [{"type": "MaxPool3D", "kernel_size": 2},
                 {"type": "double_conv", "out_channels": "$out_channels"}]
    },
    "up": {
      "parameters": {"out_channels": null},
      "inputs": ["below", "skip"],
      "layers": [
        {"type": "ConvTranspose3D", "name": "grow", "inputs": "below",
         "out_channels": "$out_channels", "kernel_size": 2, "stride": 2},
        {"type": "Concat", "inputs": ["skip", "grow"]},
        {"type": "double_conv", "out_channels": "$out_channels"}
      ]
    }
  },
  "layers": [
    {"type": "double_conv", "name": "encoder1", "out_channels": 4},
    {"type": "down", "name": "encoder2", "out_channels": 8},
    {"type": "down", "name": "encoder3", "out_channels": 16},
    {"type": "down", "name": "encoder4", "out_channels": 32},
    {"type": "down", "name": "encoder5", "out_channels": 64},
    {"type": "up", "name": "decoder4", "out_channels": 32, "inputs": ["encoder5", "encoder4"]},
    {"type": "up", "name": "decoder3", "out_channels": 16, "inputs": ["decoder4", "encoder3"]},
    {"type": "up", "name": "decoder2", "out_channels": 8, "inputs": ["decoder3", "encoder2"]},
    {"type": "up", "name": "decoder1", "out_channels": 4, "inputs": ["decoder2", "encoder1"]},
    {"type": "Conv3D", "name": "classes", "out_channels": 3, "kernel_size": 1}
  ]
})";

Graph graph_with(const Json& size) {
  Json model = parse_json(kUNet, "a.json");
  model["input"]["size"] = size;
  return test::from_json(model, "/model", read_graph);
}

std::string error_with(const Json& size) {
  return test::error_of([&] { graph_with(size); });
}

}  // namespace

TEST_CASE("a U-Net of five levels is written in less than sixty lines") {
  CHECK(std::ranges::count(kUNet, '\n') < 60);
  const Graph graph = graph_with({32, 48, 64});
  CHECK(graph.output_shape() == Shape{3, 32, 48, 64});
  CHECK(graph.nodes().size() == 9 * 4 + 4 + 4 * 2 + 1);
}

TEST_CASE("sizes that a U-Net cannot halve are told with both layers and the nearest that fit") {
  CHECK(error_with({32, 40, 64}) ==
        "2: a.json: /model/blocks/up/layers/1: layer 'decoder4.concat_1' (Concat): inputs differ "
        "outside channels: 'encoder4.double_conv_1.relu_2' is 32x4x5x8, 'decoder4.grow' is "
        "32x4x4x8; nearest sizes that fit: h 32 or 48");
  const std::string all = error_with({100, 7, 33});
  CHECK(all.find("; nearest sizes that fit: d 96 or 112, h 16, w 32 or 48") != std::string::npos);
}

}  // namespace lucid
