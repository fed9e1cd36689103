#include <doctest/doctest.h>

#include <set>

#include "support/experiment.h"
#include "support/from_text.h"

// Sets every key of "train" and "data" to a value that is not its default.
namespace lucid {
namespace {

using test::Experiment;
using test::snapshot;

std::vector<std::int64_t> steps_logged(const Experiment& experiment, const std::string& run) {
  std::vector<std::int64_t> steps;
  for (const Json& event : experiment.metrics(run, "step")) steps.push_back(event["step"]);
  return steps;
}

// Returns the checkpoint after one epoch of the experiment with one override.
test::Snapshot trained_with(const std::string& assignment) {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 1;
  if (!assignment.empty()) override_key(experiment.json, assignment);
  experiment.train("run");
  return snapshot(experiment.last("run"));
}

}  // namespace

TEST_CASE("max_steps ends a run within an epoch, with a checkpoint and a validation") {
  Experiment experiment;
  experiment.json["train"]["max_steps"] = 4;
  const EndEvent end = experiment.train("run");
  CHECK(end.status == RunStatus::kFinished);
  CHECK(end.step == 4);
  CHECK(end.epoch == 1);
  CHECK(snapshot(experiment.last("run")).integers.at("step") == 4);
  CHECK(experiment.metrics("run", "epoch").size() == 2);
}

TEST_CASE("log_every logs the steps that it divides") {
  Experiment experiment;
  experiment.json["train"]["log_every"] = 4;
  experiment.json["train"]["epochs"] = 3;
  experiment.train("run");
  CHECK(steps_logged(experiment, "run") == std::vector<std::int64_t>{4, 8});
}

TEST_CASE("gradient_clip shortens the steps") {
  const auto free = trained_with(""), loose = trained_with("train.gradient_clip=1e9"),
             tight = trained_with("train.gradient_clip=1e-12");
  CHECK(free == loose);
  CHECK_FALSE(free == tight);
  Experiment untrained;
  untrained.json["train"]["epochs"] = 0;
  untrained.train("run");
  const auto initial = snapshot(untrained.last("run"));
  CHECK(tight.arrays.at("parameters/conv3d_1/weight") ==
        initial.arrays.at("parameters/conv3d_1/weight"));
}

TEST_CASE("checkpoint_every.epochs leaves epochs out, but never the last one") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 5;
  experiment.json["train"]["checkpoint_every"] = {{"epochs", 2}};
  std::vector<std::int64_t> saved;
  experiment.train("run", [&] {
    saved.push_back(snapshot(experiment.last("run")).integers.at("epoch"));
    return false;
  });
  CHECK(std::set(saved.begin(), saved.end()) == std::set<std::int64_t>{0, 2, 4, 5});
  CHECK(snapshot(experiment.last("run")).integers.at("epoch") == 5);
}

TEST_CASE("checkpoint_every.minutes saves within an epoch") {
  Experiment experiment;
  experiment.json["train"]["checkpoint_every"] = {{"minutes", 1e-12}};
  std::set<std::int64_t> saved;
  experiment.train("run", [&] {
    saved.insert(snapshot(experiment.last("run")).integers.at("step"));
    return false;
  });
  CHECK(saved == std::set<std::int64_t>{0, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("a run with activations computed again has the same parameters to the bit") {
  Experiment experiment;
  experiment.train("kept");
  experiment.json["train"]["recompute"] = true;
  experiment.train("again");
  CHECK(snapshot(experiment.last("again")).arrays == snapshot(experiment.last("kept")).arrays);
  experiment.json["train"]["recompute"] = {{"memory_mb", 1000}};
  experiment.train("budget");
  CHECK(snapshot(experiment.last("budget")).arrays == snapshot(experiment.last("kept")).arrays);
}

TEST_CASE("recompute is a boolean or a budget that a step fits into") {
  Experiment experiment;
  experiment.json["train"]["recompute"] = 3;
  CHECK_THROWS_WITH(experiment.config(),
                    "a.json: /train/recompute: expected true, false or an object, found 3");
  experiment.json["train"]["recompute"] = {{"memory_mb", 0}, {"mb", 1}};
  CHECK_THROWS_WITH(
      experiment.config(),
      "a.json: /train/recompute/memory_mb: expected an integer from 1 to 1073741824, found 0\n"
      "a.json: /train/recompute/mb: unknown key; known: memory_mb");
}

TEST_CASE("a budget that no step fits into is an error of the file") {
  Experiment experiment;
  experiment.json["model"]["layers"] = Json::parse(R"([
    {"type": "Conv3D", "out_channels": 512, "kernel_size": 3, "padding": 1}, {"type": "ReLU"},
    {"type": "Linear", "out_features": 3}])");
  experiment.json["train"]["recompute"] = {{"memory_mb", 1}};
  CHECK_THROWS_AS(experiment.train("run"), Error);
  try {
    experiment.train("run");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kUsage);
    CHECK(std::string(error.what())
              .starts_with("a.json: /train/recompute/memory_mb: expected at least "));
    CHECK(std::string(error.what()).ends_with("found 1.0 MiB"));
  }
}

TEST_CASE("a cycle of momentum needs an optimizer that has some") {
  Experiment experiment;
  experiment.json["scheduler"] = {{"type", "OneCycleLR"}};
  for (const char* type : {"SGD", "RMSprop"}) {
    experiment.json["optimizer"] = {{"type", type}, {"lr", 0.01}};
    CHECK(test::error_of([&] { experiment.config(); }) ==
          "2: a.json: /scheduler/cycle_momentum: expected false with an optimizer that has no "
          "momentum, found true; set optimizer.momentum, or cycle_momentum false");
    experiment.json["optimizer"]["momentum"] = 0.1;
    CHECK(experiment.config().schedule.cycles_momentum());
  }
  experiment.json["optimizer"] = {{"type", "Adam"}, {"lr", 0.01}};
  CHECK(experiment.config().schedule.cycles_momentum());
}

TEST_CASE("weights starts from the parameters of a checkpoint") {
  Experiment experiment;
  experiment.train("run");
  experiment.json["train"]["weights"] = "run/checkpoints/last.h5";
  experiment.json["train"]["epochs"] = 0;
  experiment.json["seed"] = 7;
  experiment.train("tuned");
  const auto from = snapshot(experiment.last("run")), to = snapshot(experiment.last("tuned"));
  CHECK(to.arrays.at("parameters/conv3d_1/weight") == from.arrays.at("parameters/conv3d_1/weight"));
  CHECK(to.arrays.at("parameters/linear_1/bias") == from.arrays.at("parameters/linear_1/bias"));
  CHECK(to.integers.at("step") == 0);
}

TEST_CASE("drop_last leaves the smaller batch out") {
  Experiment experiment;
  experiment.json["data"]["drop_last"] = true;
  CHECK(experiment.train("run").step == 4);
}

TEST_CASE("drop_last that leaves no batch is refused, a batch beyond the set is not") {
  Experiment experiment;
  experiment.json["data"]["batch_size"] = 13;
  CHECK(experiment.train("run").step == 2);
  experiment.json["data"]["drop_last"] = true;
  CHECK(test::error_of([&] { experiment.train("dropped"); }) ==
        "2: a.json: /data/drop_last: expected at least one whole batch of 13, found 12 samples; "
        "lower batch_size or drop no batch");
  experiment.json["data"]["batch_size"] = 12;
  CHECK(experiment.train("whole").step == 2);
}

TEST_CASE("without shuffle every epoch walks the set in stored order") {
  CHECK_FALSE(trained_with("data.shuffle=false") == trained_with(""));
  Experiment experiment;
  experiment.json["data"]["shuffle"] = false;
  experiment.json["optimizer"] = {{"type", "SGD"}, {"lr", 0}};
  experiment.train("run");
  const auto steps = experiment.metrics("run", "step");
  for (std::size_t i = 0; i < 3; ++i) CHECK(steps[i]["loss"] == steps[i + 3]["loss"]);
}

TEST_CASE("a set that is not kept in memory gives the same bits") {
  CHECK(trained_with("data.cache_mb=0") == trained_with(""));
}

TEST_CASE("normalize measured and normalize given are the same") {
  Experiment experiment;
  experiment.json["data"]["normalize"] = "auto";
  experiment.train("measured");
  const Json measured = experiment.saved_config("measured")["data"]["normalize"];
  CHECK(measured["mean"].get<double>() == doctest::Approx(1.0).epsilon(0.05));
  experiment.json["data"]["normalize"] = measured;
  experiment.train("given");
  CHECK(snapshot(experiment.last("measured")) == snapshot(experiment.last("given")));
  experiment.json["data"].erase("normalize");
  experiment.train("none");
  CHECK_FALSE(snapshot(experiment.last("measured")) == snapshot(experiment.last("none")));
}

TEST_CASE("class weights \"auto\" are resolved in the run's config") {
  Experiment experiment;
  test::write_set(experiment / "train.h5", {.count = 10, .classes = 3});  // 4, 3, 3
  experiment.json["loss"]["weight"] = "auto";
  experiment.train("run");
  const Json weights = experiment.saved_config("run")["loss"]["weight"];
  CHECK(weights == Json({10.0 / 12, 10.0 / 9, 10.0 / 9}));
  experiment.json["loss"]["weight"] = weights;
  experiment.train("given");
  CHECK(snapshot(experiment.last("given")) == snapshot(experiment.last("run")));
}

TEST_CASE("a run minimises a list of losses and resumes it") {
  Experiment experiment;
  experiment.json["loss"] = parse_json(R"([
      {"type": "CrossEntropyLoss", "label_smoothing": 0.25, "factor": 0.5},
      {"type": "CrossEntropyLoss", "weight": "auto", "factor": 2}])",
                                       "a.json");
  experiment.train("straight");
  CHECK(experiment.saved_config("straight")["loss"][1]["weight"].is_array());
  experiment.train("stopped", test::stop_after(4));
  experiment.resume("stopped", {});
  CHECK(snapshot(experiment.last("straight")) == snapshot(experiment.last("stopped")));
  experiment.json["loss"].erase(1);
  experiment.train("first");
  CHECK_FALSE(snapshot(experiment.last("straight")) == snapshot(experiment.last("first")));
}

}  // namespace lucid
