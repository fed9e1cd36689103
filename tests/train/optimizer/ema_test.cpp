#include "train/optimizer/ema.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/approx.h"
#include "support/experiment.h"
#include "support/from_text.h"
#include "support/golden.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Makes one trained parameter, one that is frozen and one buffer.
Parameters make_parameters(Engine& engine, Shape::Extent count) {
  Parameters parameters;
  parameters.add(engine, "layer", {"weight", {count}, 1}, 1);
  parameters.add(engine, "frozen", {"weight", {count}, 1}, 1);
  parameters.at("frozen/weight").is_frozen = true;
  parameters.add(engine, "norm", {.name = "running_mean", .shape = {count}, .is_buffer = true}, 1);
  return parameters;
}

}  // namespace

TEST_CASE("averages agree with PyTorch's AveragedModel after every update") {
  const Json golden = read_golden("training.json")["averaging"];
  for (const Json& row : golden) {
    Engine engine;
    Parameters parameters = make_parameters(engine, 5);
    Ema ema(row["decay"].get<double>(), engine, parameters);
    Parameter& trained = parameters.at("layer/weight");
    for (std::size_t i = 0; i < row["values"].size(); ++i) {
      trained.value.assign(engine, floats(row["values"][i]));
      ema.update(parameters);
      CHECK(ema.kept()[0].plain_values(engine) == approx(doubles(row["averages"][i])).within(1e-6));
    }
    CHECK(ema.updates() == 6);
  }
}

TEST_CASE("the average of a value that does not move is the value") {
  for (const double decay : {0.0, 0.3, 0.9, 0.999, 0.99999}) {
    Engine engine;
    Parameters parameters = make_parameters(engine, 3);
    const std::vector<float> values{0.1F, -3.7F, 1e9F};
    parameters.at("layer/weight").value.assign(engine, values);
    Ema ema(decay, engine, parameters);
    for (int i = 0; i < 3000; ++i) ema.update(parameters);
    CAPTURE(decay);
    CHECK(ema.kept()[0].plain_values(engine) == values);
  }
}

TEST_CASE("averages and parameters change places, frozen parameters and buffers stay") {
  constexpr Shape::Extent kCount = 40000;  // several blocks
  Engine engine;
  Parameters parameters = make_parameters(engine, kCount);
  std::optional<Ema> ema(std::in_place, 0.5, engine, parameters);
  REQUIRE(ema->kept().size() == 1);
  Parameter& trained = parameters.at("layer/weight");
  const auto frozen = parameters.at("frozen/weight").value.plain_values(engine);
  const std::vector<float> first(kCount, 1), second(kCount, 3), average(kCount, 2);
  { const AveragedParameters averaged(ema, parameters); }  // before the first update: nothing
  trained.value.assign(engine, first);
  ema->update(parameters);
  trained.value.assign(engine, second);
  ema->update(parameters);
  const std::uint64_t version = parameters.version();
  {
    const AveragedParameters averaged(ema, parameters);
    CHECK(trained.value.plain_values(engine) == average);
    CHECK(ema->kept()[0].plain_values(engine) == second);
    CHECK(parameters.at("frozen/weight").value.plain_values(engine) == frozen);
    CHECK(parameters.version() > version);
  }
  CHECK(trained.value.plain_values(engine) == second);
}

TEST_CASE("a checkpoint's parameters are the averages, its state holds the trained ones") {
  Experiment experiment;
  experiment.train("plain");
  experiment.json["train"]["ema"] = {{"decay", 0.75}};
  experiment.train("averaged");
  const auto plain = snapshot(experiment.last("plain")),
             averaged = snapshot(experiment.last("averaged"));
  const std::string name = "conv3d_1/weight";
  CHECK(averaged.arrays.at("state/trained/" + name) == plain.arrays.at("parameters/" + name));
  CHECK_FALSE(averaged.arrays.at("parameters/" + name) == plain.arrays.at("parameters/" + name));
  CHECK(averaged.integers.at("ema_updates") == 6);
  CHECK_FALSE(plain.arrays.contains("state/trained/" + name));
}

TEST_CASE("an average of decay 0 is the network itself") {
  Experiment experiment;
  experiment.train("plain");
  experiment.json["train"]["ema"] = {{"decay", 0}};
  experiment.train("averaged");
  const auto plain = snapshot(experiment.last("plain"));
  const auto averaged = snapshot(experiment.last("averaged"));
  for (const auto& [name, values] : plain.arrays) CHECK(averaged.arrays.at(name) == values);
  CHECK(plain.best == averaged.best);
}

TEST_CASE("what validation measured is what a checkpoint holds") {
  Experiment experiment;
  experiment.json["train"]["ema"] = {{"decay", 0.9}};
  experiment.train("run");
  const double measured = experiment.metrics("run", "epoch").back()["validation"]["loss"];
  // A run from those weights whose single step changes nothing validates them.
  experiment.json["train"] = {{"weights", "run/checkpoints/last.h5"}, {"epochs", 1}};
  experiment.json["optimizer"] = {{"type", "SGD"}, {"lr", 0}};
  experiment.train("again");
  const double again = experiment.metrics("again", "epoch").back()["validation"]["loss"];
  CHECK(again == measured);
}

TEST_CASE("averaging may be turned off or on when a run is resumed") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 4;
  experiment.train("plain");
  experiment.json["train"]["ema"] = {{"decay", 0.9}};
  experiment.train("averaged");
  const auto trained = snapshot(experiment.last("plain"));
  experiment.json["train"]["epochs"] = 2;
  experiment.train("off");
  experiment.resume("off", {.assignments = {"train.ema=null"}, .epochs = 4});
  CHECK(snapshot(experiment.last("off")).arrays == trained.arrays);
  experiment.json["train"].erase("ema");
  experiment.train("on");
  experiment.resume("on", {.assignments = {"train.ema={}"}, .epochs = 4});
  const auto on = snapshot(experiment.last("on"));
  CHECK(on.integers.at("ema_updates") == 6);
  CHECK(on.arrays.at("state/trained/linear_1/bias") ==
        trained.arrays.at("parameters/linear_1/bias"));
}

TEST_CASE("a mistake in train.ema is told where it stands") {
  Experiment experiment;
  const auto error = [&](const Json& ema) {
    experiment.json["train"]["ema"] = ema;
    return error_of([&] { experiment.config(); });
  };
  CHECK(error({{"decay", 1.5}}) ==
        "2: a.json: /train/ema/decay: expected a number >= 0 and <= 1, found 1.5");
  CHECK(error(0.9) == "2: a.json: /train/ema: expected an object, found 0.9");
  CHECK(error({{"decai", 0.9}}) ==
        "2: a.json: /train/ema/decai: unknown key; did you mean 'decay'?");
}
