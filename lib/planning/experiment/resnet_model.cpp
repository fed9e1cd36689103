#include "planning/experiment/resnet_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graph/parse.h"

namespace lucid {
namespace {

constexpr std::int64_t kSmallestEdge = 4;
constexpr std::int64_t kLargeVolume = 64;  // beyond, the stem halves the volume, too

Json convolution(const char* name, const char* stride) {
  Json layer{{"type", "Conv3D"}, {"name", name}, {"out_channels", "$out_channels"},
             {"kernel_size", 3}, {"padding", 1}, {"bias", false}};
  if (*stride != '\0') layer["stride"] = stride;
  return layer;
}

Json layer(const char* type, const char* name) { return {{"type", type}, {"name", name}}; }

// A block whose input is added as it is, or after a 1x1x1 convolution where the shape changes.
Json block(bool changes_shape) {
  Json layers = {convolution("conv1", changes_shape ? "$stride" : ""),
                 layer("BatchNorm3D", "norm1"), layer("ReLU", "relu1"), convolution("conv2", ""),
                 layer("BatchNorm3D", "norm2")};
  if (changes_shape) {
    layers.push_back({{"type", "Conv3D"},
                      {"name", "conv3"},
                      {"inputs", "input"},
                      {"out_channels", "$out_channels"},
                      {"kernel_size", 1},
                      {"stride", "$stride"},
                      {"bias", false}});
    layers.push_back(layer("BatchNorm3D", "norm3"));
  }
  layers.push_back({{"type", "Add"}, {"inputs", {"norm2", changes_shape ? "norm3" : "input"}}});
  layers.push_back(layer("ReLU", "relu2"));
  Json parameters{{"out_channels", nullptr}};
  if (changes_shape) parameters["stride"] = 2;
  return {{"parameters", parameters}, {"layers", layers}};
}

Json size_json(const Triple& size) {
  return size[0] == size[1] && size[1] == size[2] ? Json(size[0]) : Json(size);
}

}  // namespace

std::int64_t Resnet::stages() const {
  std::int64_t edge = std::ranges::max(size), count = 1;
  if (edge > kLargeVolume) edge = (edge + 1) / 2;
  for (; (edge + 1) / 2 >= kSmallestEdge; edge = (edge + 1) / 2) ++count;
  return count;
}

Json resnet_model(const Resnet& resnet) {
  Json stem{{"type", "Conv3D"}, {"name", "stem"}, {"out_channels", resnet.features},
            {"kernel_size", 3}, {"padding", 1},   {"bias", false}};
  if (std::ranges::max(resnet.size) > kLargeVolume) stem["stride"] = 2;
  Json layers = {stem, layer("BatchNorm3D", "stem_norm"), layer("ReLU", "stem_relu")};
  std::int64_t features = resnet.features;
  for (std::int64_t stage = 0; stage < resnet.stages(); ++stage, features *= 2)
    for (std::int64_t i = 0; i < resnet.blocks; ++i) {
      const bool halves = stage > 0 && i == 0;
      layers.push_back({{"type", halves ? "halving" : "basic"},
                        {"name", "stage" + std::to_string(stage + 1) + static_cast<char>('a' + i)},
                        {"out_channels", features}});
    }
  layers.push_back({{"type", "AdaptiveAvgPool3D"}, {"output_size", 1}});
  layers.push_back({{"type", "Linear"}, {"name", "outputs"}, {"out_features", resnet.outputs}});
  Json blocks{{"basic", block(false)}};
  if (resnet.stages() > 1) blocks["halving"] = block(true);
  return {{"input", {{"channels", resnet.channels}, {"size", size_json(resnet.size)}}},
          {"blocks", blocks},
          {"layers", layers}};
}

ResnetCost resnet_cost(const Resnet& resnet) {
  ConfigErrors errors("plan");
  const Json model = resnet_model(resnet);
  JsonObject object(model, "/model", errors);
  const Graph graph = read_graph(object);
  ResnetCost cost;
  for (const Node& node : graph.nodes()) {
    cost.flops += graph.cost(node).flops;
    if (node.type == "Conv3D") cost.elements += static_cast<double>(node.shape.elements());
    for (const ParameterSpec& spec : graph.parameters(node))
      cost.parameters += spec.is_buffer ? 0 : spec.shape.elements();
  }
  return cost;
}

}  // namespace lucid
