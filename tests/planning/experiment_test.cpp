#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "graph/parse.h"
#include "planning/experiment/commented_json.h"
#include "planning/experiment/planned_experiment.h"
#include "planning/experiment/unet_model.h"
#include "planning/rules/plan_rules.h"
#include "support/from_text.h"

namespace lucid::test {
namespace {

Graph graph_of(const Json& model) {
  return from_text(json_text(model), "/model",
                   [](JsonObject& object) { return read_graph(object); });
}

double parameter_count(const Graph& graph) {
  double count = 0;
  for (const Node& node : graph.nodes())
    for (const ParameterSpec& spec : graph.parameters(node))
      count += spec.is_buffer ? 0 : static_cast<double>(spec.shape.elements());
  return count;
}

double forward_flops(const Graph& graph) {
  double flops = 0;
  for (const Node& node : graph.nodes())
    if (node.type == "Conv3D" || node.type == "ConvTranspose3D") flops += graph.cost(node).flops;
  return flops;
}

Unet planned(const VoxelSize& spacing, const Triple& shape, Encoder encoder = Encoder::kPlain) {
  const SetGeometry set{
      .shapes = {40, shape}, .spacings = {40, spacing}, .channels = 2, .classes = 4};
  return full_resolution_plan(set, {.memory_gb = 1, .first_features = 8, .encoder = encoder}).unet;
}

}  // namespace

TEST_CASE("a planned U-Net has the parameters and FLOPs that its plan says") {
  struct Row {
    std::string name;
    VoxelSize spacing;
    Triple shape;
    Encoder encoder;
  };
  const Row rows[] = {{"cubes", {1, 1, 1}, {36, 50, 35}, Encoder::kPlain},
                      {"thick planes", {5, 0.7, 0.7}, {24, 160, 150}, Encoder::kPlain},
                      {"residual", {1, 1, 1}, {36, 50, 35}, Encoder::kResidual},
                      {"residual planes", {5, 0.7, 0.7}, {24, 160, 150}, Encoder::kResidual}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Unet unet = planned(row.spacing, row.shape, row.encoder);
    CHECK(unet.is_residual() == (row.encoder == Encoder::kResidual));
    const UnetModel made = unet_model(unet, false);
    const Graph graph = graph_of(made.model);
    const Triple& patch = unet.topology.patch;
    CHECK(graph.output_shape() == Shape{unet.classes, patch[0], patch[1], patch[2]});
    CHECK(made.heads == std::vector<std::string>{"classes"});
    // The plan counts heads on all stages of the decoder, the file has that of the last one.
    double heads = 0, head_flops = 0;
    for (std::size_t stage = 1; stage + 1 < unet.stages(); ++stage) {
      const Triple size = stage_extents(unet, stage);
      const auto features = static_cast<double>(unet.features[stage]);
      heads += (features + 1) * static_cast<double>(unet.classes);
      head_flops += 2 * features * static_cast<double>(unet.classes * size[0] * size[1] * size[2]);
    }
    const UnetCost cost = unet_cost(unet);
    CHECK(parameter_count(graph) == cost.parameters - heads);
    CHECK(forward_flops(graph) == doctest::Approx(cost.flops - head_flops).epsilon(0.01));
  }
}

TEST_CASE("a planned U-Net has a head on each stage of the decoder but the coarsest") {
  const Unet unet = planned({1, 1, 1}, {36, 50, 35});
  REQUIRE(unet.stages() == 4);
  const UnetModel made = unet_model(unet, true);
  CHECK(made.heads == std::vector<std::string>{"classes", "classes2"});
  CHECK(made.model["outputs"] == Json(made.heads));
  const Graph graph = graph_of(made.model);
  const Triple half = stage_extents(unet, 1);
  for (const Node& node : graph.nodes())
    if (node.name == "classes2") CHECK(node.shape == Shape{4, half[0], half[1], half[2]});
}

TEST_CASE("a residual encoder has a stem, blocks that change the shape, and blocks that do not") {
  Unet unet = planned({1, 1, 1}, {36, 50, 35}, Encoder::kResidual);
  REQUIRE(unet.stages() == 4);
  unet.features = {8, 16, 32, 32};
  const Json model = unet_model(unet, true).model;
  std::vector<std::string> types;
  for (const Json& layer : model["layers"]) {
    const std::string name = layer.value("name", "");
    if (name == "stem" || name.starts_with("encoder"))
      types.push_back(name + " " + layer["type"].get<std::string>());
  }
  const std::vector<std::string> first{"stem convolution",        "encoder1a residual",
                                       "encoder2a residual_down", "encoder2b residual",
                                       "encoder2c residual",      "encoder3a residual_down"};
  REQUIRE(types.size() == 1 + 1 + 3 + 4 + 6);
  CHECK(std::vector(types.begin(), types.begin() + 6) == first);
  CHECK(types[9] == "encoder4a residual_pool");
  CHECK(types.back() == "encoder4f residual");
  const Graph graph = graph_of(model);
  CHECK(graph.output_shape()[0] == unet.classes);
  // As in nnU-Net, a block begins as its shortcut.
  for (const Node& node : graph.nodes())
    if (node.type == "InstanceNorm3D")
      CHECK(graph.parameters(node).front().initial == (node.name.ends_with(".norm2") ? 0 : 1));
}

TEST_CASE("a plan says how many cases are resampled: those that get other extents by it") {
  const auto planned_spacing = [](double first, double second) {
    Fingerprint set;
    set.geometry = {.shapes = {2, Triple{40, 40, 40}}, .spacings = {{1, 1, first}, {1, 1, second}}};
    set.channels.resize(1);
    const NnunetPlan plan = full_resolution_plan(set.geometry, {});
    const PlannedExperiment made = segmentation_experiment(set, {}, {}, plan, {});
    const auto comment = made.comments.find("/data/spacing");
    return std::pair(made.json["data"].value("spacing", Json()),
                     comment == made.comments.end() ? "" : comment->second.front());
  };
  CHECK(planned_spacing(1, 1) == std::pair(Json(), std::string()));
  CHECK(planned_spacing(1, 1.004) ==
        std::pair(Json{1.0, 1.0, 1.002},
                  std::string("The voxels of all cases are so alike that none is resampled.")));
  CHECK(planned_spacing(1, 1.5) ==
        std::pair(Json{1.0, 1.0, 1.25},
                  std::string("2 of 2 cases have other voxels and are resampled.")));
}

TEST_CASE("weights decay so that cases that are seen often are not learned by heart") {
  const auto decay = [](const Triple& shape, std::int64_t batch, std::int64_t epochs) {
    Fingerprint set;
    set.geometry = {.shapes = {160, shape}, .spacings = {160, VoxelSize{1, 1, 1}}};
    set.channels.resize(1);
    NnunetPlan plan = full_resolution_plan(set.geometry, {.memory_gb = 1});
    plan.batch = batch;
    const Length length{.epochs = epochs, .per_volume = 4, .steps_per_epoch = 640 / batch};
    const Json json = segmentation_experiment(set, {}, {}, plan, length).json;
    CHECK(json["optimizer"]["type"] == "AdamW");
    return json["optimizer"]["weight_decay"].get<double>();
  };
  const Triple small{36, 50, 35}, large{200, 200, 200};
  CHECK(decay(small, 2, 15) == 0.01);   // 60 times
  CHECK(decay(small, 2, 32) == 0.202);  // 1 / (0.002 x 31 passes of 80 steps)
  CHECK(decay(small, 2, 62) == 0.202);
  CHECK(decay(small, 4, 32) == 0.403);
  CHECK(decay(large, 2, 32) == 0.01);
}

TEST_CASE("patches that have more or less foreground are planned with batch norm") {
  const auto planned = [](const Triple& shape, double variation, std::int64_t epochs,
                          Encoder encoder) {
    Fingerprint set;
    set.geometry = {.shapes = {160, shape}, .spacings = {160, VoxelSize{1, 1, 1}}};
    set.channels.resize(1);
    set.share_variation = variation;
    const NnunetPlan plan =
        full_resolution_plan(set.geometry, {.memory_gb = 1, .encoder = encoder});
    return segmentation_experiment(set, {}, {}, plan,
                                   {.epochs = epochs, .per_volume = 4, .steps_per_epoch = 320});
  };
  const auto norms = [&](const Triple& shape, double variation, std::int64_t epochs,
                         Encoder encoder = Encoder::kPlain) {
    const PlannedExperiment made = planned(shape, variation, epochs, encoder);
    std::set<std::string> types;
    const Graph graph = graph_of(made.json["model"]);
    for (const Node& node : graph.nodes())
      if (node.type.find("Norm") != std::string::npos) types.insert(node.type);
    REQUIRE(types.size() == 1);
    const auto comment = made.comments.find("/model/blocks");
    const bool is_said = comment != made.comments.end() &&
                         comment->second.front().starts_with("Batch norm takes the place");
    CHECK(is_said == types.contains("BatchNorm3D"));
    return *types.begin();
  };
  const Triple small{36, 50, 35}, large{200, 200, 200};
  CHECK(norms(small, 0.13, 10) == "InstanceNorm3D");
  CHECK(norms(small, 0.25, 10) == "InstanceNorm3D");
  CHECK(norms(small, 0.4, 10) == "BatchNorm3D");
  CHECK(norms(small, 0.4, 10, Encoder::kResidual) == "BatchNorm3D");
  CHECK(norms(large, 0.13, 10) == "BatchNorm3D");
  CHECK(norms(large, 0.4, 63) == "InstanceNorm3D");  // 20,160 steps, as nnU-Net trains
}

TEST_CASE("JSON with comments reads back as it was, whatever it holds") {
  const Json value{{"name", "a \"quoted\" // name"},
                   {"empty", {{"list", Json::array()}, {"object", Json::object()}}},
                   {"numbers", {1, 2.5, -3e-5}},
                   {"long", std::vector<std::string>(20, "a word that repeats")},
                   {"nested", {{"a", {{"b", {true, nullptr}}}}}}};
  const JsonComments comments{{"/nested/a/b", {"A sentence about b."}},
                              {"/name", {std::string(300, 'x'), "Two words."}},
                              {"/long/3", {"The fourth."}}};
  const std::string text = commented_json(value, {"Head."}, comments);
  CHECK(parse_json(text, "text.json") == value);
  CHECK(text.starts_with("// Head.\n{\n  // xxx"));
  CHECK(text.find("\n      // A sentence about b.\n      \"b\": [true, null]\n") !=
        std::string::npos);
  CHECK(text.find("    // The fourth.\n    \"a word that repeats\",\n") != std::string::npos);
}

TEST_CASE("JSON that fits a line is written in one") {
  CHECK(commented_json({{"size", {1, 2, 3}}, {"type", "x"}}, {}, {}) ==
        "{\"size\": [1, 2, 3], \"type\": \"x\"}\n");
  CHECK(commented_json({{"size", {1, 2, 3}}}, {}, {{"/size", {"Why."}}}) ==
        "{\n  // Why.\n  \"size\": [1, 2, 3]\n}\n");
}

}  // namespace lucid::test
