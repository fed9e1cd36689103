#include <doctest/doctest.h>

#include "support/experiment.h"
#include "support/from_text.h"

namespace lucid {
namespace {

using test::Experiment;
using test::snapshot;

Json json(const std::string& text) { return parse_json(text, "test"); }

const std::vector<Json> kOptimizers = {
    json(R"({"type": "SGD", "lr": 0.05, "momentum": 0.9, "nesterov": true})"),
    json(R"({"type": "Adam", "lr": 0.01})"),
    json(R"({"type": "AdamW", "lr": 0.01, "weight_decay": 0.1})"),
};

Overrides epochs(std::int64_t count) { return {.epochs = count}; }

// Returns the error of resuming "run" with another config file, without the folder.
std::string refusal(Experiment& experiment, const Json& other, const Overrides& overrides = {}) {
  const std::string file = experiment.folder.write("b.json", json_text(other)).string();
  const CheckpointFile checkpoint(experiment.last("run"));
  std::string text = test::error_of([&] { read_resumed_config(checkpoint, file, overrides); });
  for (auto at = text.find(file); at != std::string::npos; at = text.find(file))
    text.replace(at, file.size(), "b.json");
  return text;
}

}  // namespace

TEST_CASE("six epochs straight and two with four more give the same bits") {
  for (const Json& chosen : kOptimizers) {
    CAPTURE(json_text(chosen));
    Experiment experiment;
    experiment.json["optimizer"] = chosen;
    experiment.json["train"]["epochs"] = 6;
    experiment.train("straight");
    experiment.json["train"]["epochs"] = 2;
    experiment.train("stopped");
    experiment.resume("stopped", epochs(6));
    CHECK(snapshot(experiment.last("stopped")) == snapshot(experiment.last("straight")));
    CHECK(snapshot(experiment.best("stopped")) == snapshot(experiment.best("straight")));
  }
}

TEST_CASE("a run stopped anywhere and resumed gives the bits of one that was not") {
  Experiment experiment;
  experiment.json["optimizer"] = kOptimizers[1];
  experiment.json["scheduler"] = {{"type", "CosineAnnealingLR"}};
  experiment.train("straight");
  const auto wanted = snapshot(experiment.last("straight"));
  const auto wanted_steps = experiment.metrics("straight", "step");
  bool was_stopped = true;
  for (int questions = 1; was_stopped; ++questions) {
    CAPTURE(questions);
    was_stopped =
        experiment.train("run", test::stop_after(questions)).status == RunStatus::kInterrupted;
    experiment.resume("run", {});
    CHECK(snapshot(experiment.last("run")) == wanted);
    CHECK(experiment.metrics("run", "step") == wanted_steps);
    CHECK(experiment.metrics("run", "epoch").size() == 2);
  }
}

TEST_CASE("a run with everything on, stopped anywhere and resumed, gives the same bits") {
  Experiment experiment;
  experiment.json["model"]["layers"] = json(R"([
      {"type": "Conv3D", "out_channels": 4, "kernel_size": 3}, {"type": "BatchNorm3D"},
      {"type": "ReLU"}, {"type": "MaxPool3D", "kernel_size": 2}, {"type": "Dropout", "p": 0.3},
      {"type": "Linear", "out_features": 3}])");
  experiment.json["data"]["batch_size"] = 2;
  experiment.json["optimizer"] = json(R"({"type": "RMSprop", "lr": 0.01, "momentum": 0.5,
      "centered": true, "groups": [{"parameters": "norms_and_biases", "lr_factor": 2},
                                   {"parameters": ["linear*"], "weight_decay": 0.1}]})");
  experiment.json["scheduler"] = json(R"({"type": "ReduceLROnPlateau", "patience": 0,
      "threshold": 0.5, "cooldown": 1, "warmup": {"steps": 3, "start_factor": 0.1}})");
  experiment.json["train"] = json(R"({"epochs": 5, "log_every": 1, "accumulate": 4,
      "ema": {"decay": 0.8}, "freeze": ["conv3d_1/bias"], "gradient_clip": 1})");
  experiment.train("straight");
  const auto wanted = snapshot(experiment.last("straight"));
  CHECK(wanted.integers.at("plateau_reductions") == 2);
  CHECK(wanted.integers.at("step") == 10);
  const auto best = snapshot(experiment.best("straight"));
  const auto wanted_steps = experiment.metrics("straight", "step");
  bool was_stopped = true;
  for (int questions = 1; was_stopped; questions += 3) {
    CAPTURE(questions);
    was_stopped =
        experiment.train("run", test::stop_after(questions)).status == RunStatus::kInterrupted;
    experiment.resume("run", {});
    CHECK(snapshot(experiment.last("run")) == wanted);
    CHECK(snapshot(experiment.best("run")) == best);
    CHECK(experiment.metrics("run", "step") == wanted_steps);
    CHECK(experiment.metrics("run", "epoch").size() == 5);
  }
}

TEST_CASE("a cycle of rate and momentum goes on where a run was stopped") {
  Experiment experiment;
  experiment.json["optimizer"] = kOptimizers[0];
  experiment.json["scheduler"] = {{"type", "OneCycleLR"}, {"max_lr", 0.1}};
  experiment.train("straight");
  experiment.train("run", test::stop_after(2));
  experiment.resume("run", {});
  CHECK(snapshot(experiment.last("run")) == snapshot(experiment.last("straight")));
  CHECK(experiment.metrics("run", "step") == experiment.metrics("straight", "step"));
}

TEST_CASE("two processes on one run are kept apart") {
  Experiment experiment;
  experiment.train("run");
  const RunFolder folder(experiment / "run");
  {
    const RunLock lock = folder.lock();
    CHECK(test::error_of([&] { experiment.resume("run", epochs(3)); }) ==
          "1: " + (experiment / "run").string() +
              ": another process is training this run; wait for its end, or choose another folder "
              "with --output");
  }
  CHECK(experiment.resume("run", epochs(3)).epoch == 3);
}

// A validation is not resumed but repeated, so its two batches must fit between two stops.
TEST_CASE("a run stopped again and again comes to its end, and to the same bits") {
  Experiment experiment;
  experiment.train("straight");
  experiment.train("run", test::stop_after(3));
  int resumed = 0;
  while (experiment.resume("run", {}, test::stop_after(3)).status == RunStatus::kInterrupted)
    REQUIRE(++resumed < 20);
  CHECK(snapshot(experiment.last("run")) == snapshot(experiment.last("straight")));
}

TEST_CASE("max_steps within an epoch leaves no trace in the run that goes on") {
  Experiment experiment;
  experiment.json["optimizer"]["lr"] = 3;  // it gets worse, and parts of epochs count
  experiment.json["train"]["epochs"] = 4;
  experiment.train("straight");
  for (const int steps : {1, 2, 4, 5, 7, 8, 10, 11}) {
    CAPTURE(steps);
    experiment.json["train"]["max_steps"] = steps;
    CHECK(experiment.train("run").status == RunStatus::kFinished);
    CHECK(std::ssize(experiment.metrics("run", "epoch")) == (steps + 2) / 3);
    experiment.resume("run", {.assignments = {"train.max_steps=null"}});
    CHECK(snapshot(experiment.last("run")) == snapshot(experiment.last("straight")));
    CHECK(experiment.metrics("run", "epoch").size() == 4);
  }
}

TEST_CASE("two runs from one seed give the same bits, another seed gives others") {
  Experiment experiment;
  experiment.train("a");
  experiment.train("b");
  CHECK(snapshot(experiment.last("a")) == snapshot(experiment.last("b")));
  experiment.json["seed"] = 1;
  experiment.train("c");
  CHECK_FALSE(snapshot(experiment.last("a")) == snapshot(experiment.last("c")));
}

TEST_CASE("what a crash left after the last checkpoint is told once") {
  Experiment experiment;
  experiment.train("straight");
  experiment.json["train"]["epochs"] = 1;
  experiment.train("run");
  std::ofstream metrics(experiment / "run/metrics.jsonl", std::ios::app);
  metrics << R"({"event":"step","epoch":2,"step":4,"loss":9,"lr":1})" << '\n'
          << R"({"event":"epoch","epoch":2,"step":4})" << '\n'
          << R"({"event":"st)";
  metrics.close();
  std::ofstream(experiment / "run/metrics.csv", std::ios::app) << "2,4,9,9,9,9,9,9,9,0\n";
  experiment.resume("run", epochs(2));
  CHECK(experiment.metrics("run", "step") == experiment.metrics("straight", "step"));
  CHECK(experiment.metrics("run", "epoch").size() == 2);
  const std::string table = test::read_text(experiment / "run/metrics.csv");
  CHECK(std::ranges::count(table, '\n') == 3);
  CHECK(table.find(",9,") == std::string::npos);
}

TEST_CASE("a config that is not the run's is refused with every difference") {
  Experiment experiment;
  experiment.json["name"] = "a";
  experiment.train("run");
  CHECK(refusal(experiment, experiment.json) == "");

  Json other = experiment.json;
  other["seed"] = 3;
  other["model"]["layers"][0]["out_channels"] = 5;
  other["optimizer"] = {{"type", "SGD"}, {"lr", 0.1}};
  CHECK(refusal(experiment, other) ==
        "2: b.json: /model/layers/0/out_channels: expected 4 as in the run to resume, found 5\n"
        "b.json: /optimizer/lr: expected 0.05 as in the run to resume, found 0.1\n"
        "b.json: /optimizer/momentum: expected 0.9 as in the run to resume, found null\n"
        "b.json: /seed: expected 0 as in the run to resume, found 3");
}

TEST_CASE("a resumed run takes the train section of its config file, and overrides") {
  Experiment experiment;
  experiment.json["name"] = "a";
  experiment.train("run");
  experiment.json["train"]["epochs"] = 9;
  const std::string file = experiment.write_config();
  const CheckpointFile checkpoint(experiment.last("run"));
  const RunConfig config =
      read_resumed_config(checkpoint, file, {.assignments = {"optimizer.lr=0.5"}});
  CHECK(config.train.epochs == 9);
  CHECK(config.learning_rate == 0.5);
}

TEST_CASE("the model of a run cannot be overridden when it is resumed") {
  Experiment experiment;
  experiment.train("run");
  const CheckpointFile checkpoint(experiment.last("run"));
  CHECK(test::error_of([&] {
          read_resumed_config(checkpoint, "", {.assignments = {"model.layers.0.bias=false"}});
        }) == "2: " + experiment.last("run").string() +
                  ": /model: the model of a run cannot change when it is resumed; start a new run "
                  "with --weights");
}

TEST_CASE("a run within an epoch goes on with the batches it began with") {
  Experiment experiment;
  experiment.train("run", test::stop_after(1));
  CHECK(test::error_of([&] { experiment.resume("run", {.assignments = {"data.batch_size=4"}}); }) ==
        "2: " + experiment.last("run").string() +
            ": the run stopped within an epoch with data.batch_size 5, found 4; finish the epoch "
            "first");
}

TEST_CASE("a run resumed with another optimizer lacks its state") {
  Experiment experiment;
  experiment.train("run");
  CHECK(test::error_of([&] {
          experiment.resume(
              "run", {.assignments = {R"(optimizer={"type": "Adam", "lr": 1})"}, .epochs = 3});
        }) == "3: " + experiment.last("run").string() +
                  ": no dataset 'state/optimizer/conv3d_1/weight/exp_avg'; did you mean "
                  "'state/optimizer/conv3d_1/weight/momentum_buffer'?");
}

}  // namespace lucid
