#include <doctest/doctest.h>

#include "base/text.h"
#include "support/experiment.h"
#include "train/report/run_log.h"

namespace lucid {
namespace {

using test::Experiment;
using Words = std::vector<std::string>;

Words keys(const Json& object) {
  Words names;
  for (const auto& [key, value] : object.items()) names.push_back(key);
  return names;
}

std::vector<Words> rows_of(const std::filesystem::path& table) {
  std::ifstream stream(table);
  std::vector<Words> rows;
  for (std::string line; std::getline(stream, line);) rows.push_back(split(line, ','));
  return rows;
}

// Records the step events of the trainer.
struct Memory : Report {
  void step(const StepEvent& event) override { losses.push_back(event.loss); }
  std::vector<float> losses;
};

}  // namespace

TEST_CASE("events of metrics.jsonl have their keys in the documented order") {
  Experiment experiment;
  experiment.train("run");
  const auto events = experiment.metrics("run");
  CHECK(events.size() == 3 + 1 + 3 + 1 + 1);
  CHECK(keys(events[0]) == Words{"event", "epoch", "step", "loss", "lr"});
  CHECK(keys(events[3]) == Words{"event", "epoch", "step", "train", "validation", "lr", "seconds",
                                 "samples_per_second", "data_wait", "bytes_read", "bytes_decoded",
                                 "cache_hits", "cache_misses", "best"});
  CHECK(keys(events[3]["train"]) == Words{"loss"});
  CHECK(keys(events[3]["validation"]) == Words{"loss", "accuracy"});
  CHECK(keys(events[8]) == Words{"event", "status", "epoch", "step", "monitor", "best"});
  CHECK(events[8]["status"] == "finished");
}

TEST_CASE("epochs and steps of metrics.jsonl count from one over the whole run") {
  Experiment experiment;
  experiment.train("run");
  const auto events = experiment.metrics("run");
  std::vector<std::pair<int, int>> places;
  for (const Json& event : events) places.emplace_back(event["epoch"], event["step"]);
  CHECK(places == std::vector<std::pair<int, int>>{
                      {1, 1}, {1, 2}, {1, 3}, {1, 3}, {2, 4}, {2, 5}, {2, 6}, {2, 6}, {2, 6}});
}

TEST_CASE("losses of metrics.jsonl read back as the same floats") {
  Experiment experiment;
  Session session(experiment.config(), 1);
  const RunFolder run(experiment / "run");
  run.create();
  Memory memory;
  RunLog log(run, 1, {"loss", "accuracy"});
  Trainer(session, run, Experiment::never).run({&log, &memory});
  std::vector<float> losses;
  for (const Json& event : experiment.metrics("run", "step"))
    losses.push_back(event["loss"].get<float>());
  CHECK(losses == memory.losses);
}

TEST_CASE("an epoch's loss is the mean over its samples, a smaller batch counts less") {
  Experiment experiment;
  experiment.train("run");
  const auto steps = experiment.metrics("run", "step"), epochs = experiment.metrics("run", "epoch");
  for (std::size_t epoch = 0; epoch < 2; ++epoch) {
    const auto loss = [&](std::size_t i) { return steps[3 * epoch + i]["loss"].get<double>(); };
    CHECK(epochs[epoch]["train"]["loss"].get<double>() ==
          doctest::Approx((5 * loss(0) + 5 * loss(1) + 2 * loss(2)) / 12).epsilon(1e-6));
  }
}

TEST_CASE("metrics.csv tells what the epochs of metrics.jsonl tell") {
  Experiment experiment;
  experiment.train("run");
  const auto rows = rows_of(experiment / "run/metrics.csv");
  const auto epochs = experiment.metrics("run", "epoch");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0] == Words{"epoch", "step", "train_loss", "validation_loss", "validation_accuracy",
                         "lr", "seconds", "samples_per_second", "data_wait", "best"});
  for (std::size_t i = 0; i < 2; ++i) {
    const Json& event = epochs[i];
    CHECK(rows[i + 1][0] == std::to_string(i + 1));
    CHECK(std::stod(rows[i + 1][2]) == event["train"]["loss"]);
    CHECK(std::stod(rows[i + 1][4]) == event["validation"]["accuracy"]);
    CHECK(std::stod(rows[i + 1][5]) == event["lr"]);
    CHECK(rows[i + 1][9] == (event["best"] == true ? "1" : "0"));
  }
}

TEST_CASE("the scheduler steps once an epoch") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 3;
  experiment.json["scheduler"] = {{"type", "StepLR"}, {"step_size", 1}, {"gamma", 0.5}};
  experiment.train("run");
  std::vector<double> rates;
  for (const Json& event : experiment.metrics("run", "step")) rates.push_back(event["lr"]);
  CHECK(rates ==
        std::vector<double>{0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.0125, 0.0125, 0.0125});
}

TEST_CASE("no epochs: the initial parameters are saved, the normalisation with them") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 0;
  experiment.json["data"]["normalize"] = "auto";
  const EndEvent end = experiment.train("run");
  CHECK(end.status == RunStatus::kFinished);
  CHECK(experiment.metrics("run").size() == 1);
  CHECK(experiment.metrics("run")[0] ==
        parse_json(R"({"event": "end", "status": "finished", "epoch": 0, "step": 0,
                       "monitor": "validation.loss", "best": null})",
                   ""));
  const CheckpointFile checkpoint(experiment.last("run"));
  CHECK(checkpoint.config()["data"]["normalize"]["mean"].is_number());
  CHECK_FALSE(std::filesystem::exists(experiment.best("run")));
}

TEST_CASE("training a network without parameters changes nothing") {
  Experiment experiment;
  experiment.json["model"]["layers"] = {{{"type", "MaxPool3D"}, {"kernel_size", {6, 6, 2}}},
                                        {{"type", "ReLU"}},
                                        {{"type", "Flatten"}}};
  const EndEvent end = experiment.train("run");
  CHECK(end.status == RunStatus::kFinished);
  CHECK(end.step == 6);
  CHECK(test::snapshot(experiment.last("run")).arrays.empty());
  const auto epochs = experiment.metrics("run", "epoch");
  CHECK(epochs[0]["validation"] == epochs[1]["validation"]);
  CHECK(experiment.resume("run", {.epochs = 3}).epoch == 3);
}

TEST_CASE("a run's log says what was trained, and how it ended") {
  Experiment experiment;
  experiment.train("run", test::stop_after(1));
  const std::string log = test::read_text(experiment / "run/log.txt");
  CHECK(log.starts_with("a: oneDNN "));
  CHECK(
      log.ends_with("1 thread; 211 parameters; 12 samples to train on, 7 to validate; from epoch "
                    "1 to 2\ninterrupted\n"));
}

TEST_CASE("an epoch's line tells where ranks waited, and which one waited longest for data") {
  EpochEvent event{.epoch = 2,
                   .step = 8,
                   .train_loss = 0.5,
                   .validation = {},
                   .lr = 0.25,
                   .seconds = 4,
                   .samples_per_second = 20,
                   .data_wait = 0.125,
                   .read = {},
                   .best = true};
  const std::string begin = "epoch 2/9  train.loss 0.5000  lr 0.25  4.0 s  20 samples/s";
  CHECK(epoch_line(event, 9) == begin + "  waited 12.5%  best");
  event.ranks = {{0.125, 0.0625}, {0.375, 0.1875}};
  CHECK(epoch_line(event, 9) ==
        begin + "  waits: data 25.0% (rank 1: 37.5%), communication 12.5%  best");
  event.ranks = {{0.25, 0.125}, {0.25, 0.125}};
  CHECK(epoch_line(event, 9) == begin + "  waits: data 25.0%, communication 12.5%  best");
}

}  // namespace lucid
