#include <doctest/doctest.h>

#include <algorithm>

#include "bench/workload.h"
#include "data/hdf5/write.h"
#include "graph/parse.h"
#include "paths.h"
#include "support/experiment.h"
#include "support/from_text.h"
#include "support/is_reference.h"
#include "support/sanitized.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> configs() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(std::string(LUCID_SOURCE_DIR) + "/configs"))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

Graph graph_of(const Json& json) {
  return test::from_json(json["model"], "/model", [](JsonObject& o) { return read_graph(o); });
}

// Returns the path of the set's datasets with stars filled in.
std::string without_star(std::string path) {
  const auto star = path.find('*');
  return star == std::string::npos ? path : path.replace(star, 1, "1");
}

// Writes noise of the shape that the model expects to the datasets that the config names, with
// targets that suit its loss.
void make_set(const fs::path& file, const Json& set, const Graph& graph, const std::string& loss,
              std::int64_t count) {
  Rng rng(1, file.string());
  const Shape prediction = graph.output_shape();
  const bool is_classes = loss == "CrossEntropyLoss" || loss == "DiceCELoss";
  const Shape target = (is_classes ? prediction.without_first() : prediction).with_batch(count);
  const auto classes = static_cast<std::uint64_t>(is_classes ? prediction[0] : 2);
  std::vector<float> volumes(graph.input_shape().with_batch(count).count()), values;
  std::vector<std::uint8_t> labels;
  for (float& voxel : volumes) voxel = static_cast<float>(rng.normal());
  for (std::size_t i = 0; i < target.count(); ++i) {
    labels.push_back(static_cast<std::uint8_t>(rng.below(classes)));
    values.push_back(static_cast<float>(labels.back()));
  }
  hdf5::Writer writer(file);
  writer.write<float>(without_star(set["input"]), graph.input_shape().with_batch(count), volumes);
  if (is_classes)
    writer.write<std::uint8_t>(without_star(set["target"]), target, labels);
  else
    writer.write<float>(without_star(set["target"]), target, values);
  writer.close();
}

// Gives the config small sets of its own, of slightly more than one batch, and two steps.
Json made_small(Json json, const test::TempDir& folder) {
  const Graph graph = graph_of(json);
  constexpr std::int64_t kBatch = 2;
  for (const char* name : {"train", "validation"}) {
    if (!json["data"].contains(name)) continue;
    Json& set = json["data"][name];
    set["files"] = std::string(name) + ".h5";
    set.erase("axes");
    set.erase("roi");
    make_set(folder / (std::string(name) + ".h5"), set, graph, json["loss"]["type"], kBatch + 1);
  }
  if (json["data"].contains("patch")) json["data"]["patch"]["per_volume"] = 1;
  json["data"]["batch_size"] = kBatch;
  json["train"]["epochs"] = 1;
  json["train"]["log_every"] = 1;
  return json;
}

// Parameter counts from PyTorch for the same networks; see tests/bench/torch_networks.py.
struct BenchRow {
  std::string name;
  std::int64_t parameters;
  Shape prediction;
  std::int64_t batch;
  std::string loss;
};

const std::vector<BenchRow> kBenchRows = {
    {"seed", 13'946, {10}, 32, "CrossEntropyLoss"},
    {"voxnet", 921'736, {40}, 32, "CrossEntropyLoss"},
    {"medmnist", 88'907, {11}, 32, "CrossEntropyLoss"},
    {"cosmo64", 1'448'052, {4}, 4, "MSELoss"},
    {"cosmo128", 3'283'060, {4}, 1, "MSELoss"},
    {"unet64", 1'400'595, {3, 64, 64, 64}, 1, "CrossEntropyLoss"},
    {"unet96", 5'599'779, {3, 96, 96, 96}, 1, "CrossEntropyLoss"},
    {"nnunet", 5'603'177, {3, 40, 40, 40}, 2, "CrossEntropyLoss"},
    {"unet_gcr", 4'081'333, {3, 48, 48, 48}, 1, "CrossEntropyLoss"},
    {"resunet", 1'773'715, {3, 64, 64, 64}, 1, "CrossEntropyLoss"},
    {"resnet18", 8'290'603, {11}, 32, "CrossEntropyLoss"},
    {"dilated", 132'243, {3, 48, 48, 48}, 1, "CrossEntropyLoss"},
    {"separable", 583'208, {40}, 8, "CrossEntropyLoss"},
};

Json bench_config(const std::string& name) {
  return read_json_file(std::string(LUCID_SOURCE_DIR) + "/configs/bench/" + name + ".json");
}

// Returns the loss of the main output.
Json first_loss(const Json& json) {
  return json["loss"].is_array() ? json["loss"][0] : json["loss"];
}

// Shrinks volumes without changing any layer's channels, so that oneDNN chooses the same
// implementations.
Json made_quick(Json json) {
  if (json["model"]["input"]["size"][0] > 64) json["model"]["input"]["size"] = {32, 32, 32};
  return json;
}

}  // namespace

TEST_CASE("no plan of a shipped config falls back to reference code") {
  for (const fs::path& file : configs()) {
    CAPTURE(file.string());
    const Json json = read_json_file(file);
    Engine engine(1);
    Model model(graph_of(json), engine, 0);
    const Shape::Extent batch = std::min<std::int64_t>(json["data"].value("batch_size", 1), 4);
    for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
      for (const StepReport& step : model.plan(mode, batch).report()) {
        CAPTURE(step.node);
        CAPTURE(step.what);
        CAPTURE(step.implementation);
        CHECK_FALSE(test::is_reference(step.implementation));
      }
    }
  }
}

TEST_CASE("every shipped config takes two steps on data of its shape" *
          doctest::skip(test::kIsSanitized)) {
  for (const fs::path& file : configs()) {
    CAPTURE(file.string());
    test::Experiment experiment;
    experiment.json = made_small(read_json_file(file), experiment.folder);
    const EndEvent end = experiment.train("run");
    CHECK(end.step == 2);
    for (const Json& step : experiment.metrics("run", "step")) CHECK(step["loss"].is_number());
  }
}

TEST_CASE("the networks of the speed comparison are PyTorch's") {
  for (const BenchRow& row : kBenchRows) {
    SUBCASE(row.name.c_str()) {
      const Json json = bench_config(row.name);
      const Graph graph = graph_of(json);
      std::int64_t parameters = 0;
      for (const Node& node : graph.nodes())
        for (const ParameterSpec& spec : graph.parameters(node))
          parameters += spec.is_buffer ? 0 : spec.shape.elements();
      CHECK(parameters == row.parameters);
      CHECK(graph.output_shape() == row.prediction);
      CHECK(json["data"]["batch_size"] == row.batch);
      CHECK(first_loss(json) == Json{{"type", row.loss}});
      CHECK(json["optimizer"] == Json{{"type", "SGD"}, {"lr", 0.001}, {"momentum", 0.9}});
    }
  }
}

TEST_CASE("the networks of the speed comparison run without reference code, each product counted") {
  for (const BenchRow& row : kBenchRows) {
    SUBCASE(row.name.c_str()) {
      Engine engine(1);
      Model model(graph_of(made_quick(bench_config(row.name))), engine, 0);
      for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
        double flops = 0;
        const CompileOptions options{
            .mode = mode, .batch = 1, .main_output_only = mode == Mode::kInfer};
        for (const StepReport& step : model.plan(options).report()) {
          CAPTURE(step.node);
          CAPTURE(step.what);
          CAPTURE(step.implementation);
          CHECK_FALSE(test::is_reference(step.implementation));
          flops += step.flops;
        }
        CHECK(flops == doctest::Approx(product_flops(model.graph(), mode, 1)).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("there are shipped configs") { CHECK(configs().size() >= 2); }

}  // namespace lucid
