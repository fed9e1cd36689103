#include "train/optimizer/parameter_groups.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/approx.h"
#include "support/experiment.h"
#include "support/from_text.h"
#include "support/golden.h"
#include "train/optimizer/optimizer.h"
#include "train/schedule/learning_rate.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("a pattern names parameters by their layer or their whole name") {
  CHECK(names_parameter("enc*", "enc1/weight", 5));
  CHECK(names_parameter("enc1", "enc1/weight", 5));
  CHECK(names_parameter("*/bias", "enc1/bias", 1));
  CHECK(names_parameter("enc[12]/weight", "enc2/weight", 5));
  CHECK(names_parameter("enc?", "enc2/weight", 5));
  CHECK_FALSE(names_parameter("enc", "enc1/weight", 5));
  CHECK_FALSE(names_parameter("weight", "enc1/weight", 5));
  CHECK_FALSE(names_parameter("enc1/bias", "enc1/weight", 5));
}

TEST_CASE("norms and biases are the parameters of rank 1") {
  CHECK(names_parameter("norms_and_biases", "conv/bias", 1));
  CHECK(names_parameter("norms_and_biases", "norm/weight", 1));
  CHECK_FALSE(names_parameter("norms_and_biases", "linear/weight", 2));
}

TEST_CASE("groups of parameters agree with PyTorch under a schedule") {
  const Json golden = read_golden("training.json")["groups"];
  for (const Json& row : golden["cases"]) {
    const std::string config = json_text(row);
    CAPTURE(config);
    const OptimizerConfig made = from_json(row["config"], "/optimizer", make_optimizer);
    const LearningRate rate = from_json(row["schedule"], "/scheduler", [&](JsonObject& object) {
      return read_learning_rate(object, made.learning_rate, {});
    });
    Engine engine;
    Parameters parameters;
    for (const Json& name : golden["names"])
      parameters.add(engine, name.get<std::string>().substr(0, 1), {"weight", {4}}, 1);
    std::size_t at = 0;
    for (Parameter& parameter : parameters) {
      parameter.value.assign(engine, floats(golden["start"][at++]));
      parameter.gradient = Tensor(engine, parameter.value.layout());
    }
    made.optimizer->prepare(engine, parameters);
    const auto steps = static_cast<std::int64_t>(golden["gradients"].size());
    for (std::int64_t step = 0; step < steps; ++step) {
      at = 0;
      for (Parameter& parameter : parameters)
        parameter.gradient.assign(
            engine, floats(golden["gradients"][static_cast<std::size_t>(step)][at++]));
      StepRates rates;
      for (const double factor : made.optimizer->lr_factors())
        rates.learning_rates.push_back(rate.rate(factor, {.epoch = step}, {.epochs = steps}));
      made.optimizer->step(parameters, rates);
    }
    std::vector<float> found;
    for (const Parameter& parameter : parameters)
      for (const float value : parameter.value.plain_values(engine)) found.push_back(value);
    CHECK(found == approx(doubles(row["after"])).within(1e-6, 3e-7));
  }
}

TEST_CASE("a parameter belongs to the first group that names it") {
  const OptimizerConfig made = from_text(
      R"({"type": "SGD", "lr": 1, "groups": [{"parameters": "a", "lr_factor": 0.5},
          {"parameters": ["b", "*/weight"], "lr_factor": 0.25}]})",
      "/optimizer", make_optimizer);
  Engine engine;
  Parameters parameters;
  for (const char* layer : {"a", "b"}) parameters.add(engine, layer, {"weight", {1}}, 1);
  parameters.add(engine, "b", {"bias", {1}}, 1);
  parameters.add(engine, "c", {"bias", {1}}, 1);
  for (Parameter& parameter : parameters) {
    parameter.gradient = Tensor(engine, parameter.value.layout());
    parameter.gradient.values()[0] = -1;
  }
  made.optimizer->prepare(engine, parameters);
  made.optimizer->step(parameters, made.optimizer->constant_rates(1));
  std::vector<float> found;
  for (const Parameter& parameter : parameters) found.push_back(parameter.value.values()[0]);
  CHECK(found == std::vector<float>{0.5F, 0.25F, 0.25F, 1});
}

TEST_CASE("a run's groups are those of its optimizer") {
  Experiment experiment;
  experiment.json["optimizer"]["weight_decay"] = 0.5;
  experiment.train("plain");
  experiment.json["optimizer"]["groups"] = {{{"parameters", "conv3d_1"}, {"lr_factor", 0}}};
  experiment.train("still");
  Json& groups = experiment.json["optimizer"]["groups"];
  groups = {{{"parameters", "norms_and_biases"}, {"weight_decay", 0}}};
  experiment.train("decayed");
  experiment.json["train"]["epochs"] = 0;
  experiment.train("initial");
  const auto of = [&](const char* run, const std::string& name) {
    return snapshot(experiment.last(run)).arrays.at("parameters/" + name);
  };
  CHECK(of("still", "conv3d_1/weight") == of("initial", "conv3d_1/weight"));
  CHECK_FALSE(of("still", "linear_1/weight") == of("initial", "linear_1/weight"));
  CHECK_FALSE(of("decayed", "linear_1/bias") == of("plain", "linear_1/bias"));
}

TEST_CASE("patterns that name nothing are mistakes") {
  Experiment experiment;
  experiment.json["train"]["freeze"] = {"conv*", "relu_1", "*/scale"};
  experiment.json["optimizer"]["groups"] = {{{"parameters", "conv3d_1"}},
                                            {{"parameters", {"*/bias", "conv3d_2"}}}};
  const std::string end = " names no parameter; layers with parameters: conv3d_1, linear_1";
  CHECK(error_of([&] { experiment.config(); }) ==
        "2: a.json: /train/freeze: 'relu_1'" + end + "\na.json: /train/freeze: '*/scale'" + end +
            "\na.json: /optimizer/groups/1/parameters: 'conv3d_2'" + end);
}
