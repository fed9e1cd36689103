#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "graph/model.h"
#include "graph/parse.h"
#include "layers/table/cases.h"
#include "objective/objective.h"
#include "paths.h"
#include "support/from_text.h"
#include "support/golden.h"
#include "train/optimizer/optimizer.h"

// Compares narrow, small versions of the networks in configs/ with PyTorch
// (golden/make_networks.py).
namespace lucid {
namespace {

constexpr std::uint64_t kBatchSeed = 7, kWeightSeed = 3;
constexpr double kRelative = 1e-4;  // of a loss, after up to 20 steps in single precision

// Divides the channels where there are enough, and removes dropout, whose masks differ from
// PyTorch's.
void make_small(Json& layers, const Json& row) {
  constexpr std::int64_t kWide = 16;
  for (Json& layer : layers) {
    if (layer.contains("p")) layer["p"] = 0;
    if (!layer.contains("out_channels") || !layer["out_channels"].is_number()) continue;
    const auto channels = layer["out_channels"].get<std::int64_t>();
    if (channels >= kWide)
      layer["out_channels"] = channels / row.at("channel_divisor").get<std::int64_t>();
  }
}

Json small_config(const Json& row) {
  const auto name = row.at("config").get<std::string>();
  Json config = read_json_file(LUCID_SOURCE_DIR "/configs/" + name + ".json");
  config["model"]["input"]["size"] = row.at("size");
  config["optimizer"] = row.at("optimizer");
  make_small(config["model"]["layers"], row);
  return config;
}

std::vector<float> floats_drawn(std::uint64_t stream, std::size_t count) {
  return test::drawn(kBatchSeed, stream, count, 1);
}

void set_weights(Model& model) {
  std::vector<Parameter*> trained;
  for (Parameter& parameter : model.parameters())
    if (parameter.is_trained()) trained.push_back(&parameter);
  std::ranges::sort(trained, {}, &Parameter::name);
  for (std::size_t i = 0; i < trained.size(); ++i) {
    const Shape& shape = trained[i]->shape;
    const bool is_vector = shape.rank() == 1;
    const auto fan = static_cast<std::size_t>(is_vector ? 16 : shape.elements() / shape[0]);
    std::vector<float> values = test::drawn(kWeightSeed, i, shape.count(), fan);
    if (is_vector && trained[i]->name.ends_with("/weight"))
      for (float& value : values) value += 1;
    trained[i]->value.assign(model.engine(), values);
  }
}

std::vector<float> targets_of(const Json& config, const Shape& prediction, std::uint64_t stream) {
  if (config["loss"]["type"] == "MSELoss") return floats_drawn(stream, prediction.count());
  const auto classes = static_cast<std::size_t>(prediction[1]);
  std::vector<float> labels = floats_drawn(stream, prediction.count() / classes);
  for (float& label : labels) label = std::floor((label + 1) / 2 * static_cast<float>(classes));
  return labels;
}

std::vector<double> losses_of(const Json& row) {
  const Json config = small_config(row);
  Engine engine(2);
  Model model(test::from_json(config["model"], "/model", read_graph), engine, 0);
  const auto objective = test::from_json(config, "", [](JsonObject& root) {
    return read_objective(root, std::vector<std::string>());
  });
  OptimizerConfig optimizer = test::from_json(config["optimizer"], "/optimizer", make_optimizer);
  const auto batch = row.at("batch").get<Shape::Extent>();
  Plan& plan = model.plan(Mode::kTrain, batch);
  set_weights(model);
  optimizer.optimizer->prepare(engine, model.parameters());
  std::vector<double> losses;
  for (std::uint64_t step = 0; step < row.at("losses").size(); ++step) {
    const auto input = plan.input().values();
    std::ranges::copy(floats_drawn(2 * step, input.size()), input.begin());
    plan.forward();
    const auto outputs = output_values(plan, model.graph(), batch);
    losses.push_back(
        objective->evaluate(outputs, targets_of(config, outputs[0].shape, 2 * step + 1)));
    plan.backward();
    optimizer.optimizer->step(model.parameters(),
                              optimizer.optimizer->constant_rates(optimizer.learning_rate));
  }
  return losses;
}

}  // namespace

TEST_CASE("twenty training steps of whole networks have PyTorch's losses") {
  for (const Json& row : test::read_golden("networks.json")) {
    CAPTURE(row.at("config"));
    const auto expected = row.at("losses").get<std::vector<double>>();
    const std::vector<double> found = losses_of(row);
    double worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
      worst = std::max(worst, std::abs(found[i] - expected[i]) / expected[i]);
    MESSAGE(row.at("config").get<std::string>(), ": worst relative difference ", worst);
    CHECK(worst <= kRelative);
  }
}

}  // namespace lucid
