#include <doctest/doctest.h>

#include <filesystem>

#include "data/hdf5/h5_files.h"
#include "support/experiment.h"

// Runs whose losses, metrics or monitored values are not defined.
namespace lucid::test {
namespace {

// Returns the warnings of a run's log, with file names for paths.
std::vector<std::string> warnings_of(const Experiment& experiment, const std::string& run) {
  std::ifstream stream(experiment / (run + "/log.txt"));
  std::vector<std::string> warnings;
  const std::string folder = experiment.folder.path().string() + "/";
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with("warning: ")) continue;
    for (auto at = line.find(folder); at != std::string::npos; at = line.find(folder))
      line.erase(at, folder.size());
    warnings.push_back(line);
  }
  return warnings;
}

// Adds labels of one value to a set.
void add_labels(const Experiment& experiment, const char* set, hsize_t count, double label) {
  store(experiment / (std::string(set) + ".h5"), "constant",
        {{count}, std::vector<double>(count, label), H5T_STD_I16LE});
}

// A run of at most nine epochs whose validation set has one class.
struct OneClass : Experiment {
  OneClass() {
    add_labels(*this, "validation", 7, 1);
    json["data"]["validation"]["target"] = "constant";
    json["metrics"] = {"auc"};
    json["train"]["epochs"] = 6;
    json["train"]["monitor"] = "validation.auc";
    json["train"]["early_stopping"] = {{"patience", 2}};
    json["scheduler"] = {{"type", "ReduceLROnPlateau"}, {"patience", 0}};
  }
};

}  // namespace

TEST_CASE("a monitored value that is not defined uses no patience and is told once") {
  OneClass experiment;
  const EndEvent end = experiment.train("run");
  CHECK(end.status == RunStatus::kFinished);
  CHECK(end.epoch == 6);
  CHECK_FALSE(end.has_best);
  CHECK_FALSE(std::filesystem::exists(experiment.best("run")));
  for (const Json& epoch : experiment.metrics("run", "epoch")) {
    CHECK(epoch["lr"] == 0.05);
    CHECK(epoch["validation"]["auc"].is_null());
    CHECK(epoch["best"] == false);
  }
  CHECK(warnings_of(experiment, "run") ==
        std::vector<std::string>{
            "warning: a.json: /train/monitor: 'validation.auc' is not defined in epoch 1, because "
            "of validation.h5: /constant: all labels that count are of one class; an epoch without "
            "it is neither better nor worse: it is not kept as best.h5, and neither early_stopping "
            "nor ReduceLROnPlateau counts it; monitor another value, or change the set"});
  CHECK(experiment.metrics("run").back()["best"].is_null());
  const std::string log = read_text(experiment / "run/log.txt"),
                    table = read_text(experiment / "run/metrics.csv");
  CHECK(log.find("  validation.auc undefined  lr ") != std::string::npos);
  CHECK(table.find("nan") == std::string::npos);
}

TEST_CASE("a metric that is not defined is no concern unless it is monitored") {
  OneClass experiment;
  experiment.json["train"]["monitor"] = "validation.loss";
  CHECK(experiment.train("run").has_best);
  CHECK(warnings_of(experiment, "run").empty());
}

TEST_CASE("a validation set whose labels are all ignored has no loss and no best epoch") {
  Experiment experiment;
  add_labels(experiment, "validation", 7, -100);
  experiment.json["data"]["validation"]["target"] = "constant";
  const EndEvent end = experiment.train("run");
  CHECK(end.status == RunStatus::kFinished);
  CHECK_FALSE(end.has_best);
  for (const Json& epoch : experiment.metrics("run", "epoch")) {
    CHECK(epoch["validation"]["loss"].is_null());
    CHECK(epoch["validation"]["accuracy"].is_null());
  }
  CHECK(warnings_of(experiment, "run") ==
        std::vector<std::string>{
            "warning: a.json: /data/validation: every label of validation.h5: /constant is -100 "
            "(ignore_index of CrossEntropyLoss): nothing can be measured on it; correct the labels "
            "or ignore_index",
            "warning: a.json: /train/monitor: 'validation.loss' is not defined in epoch 1, because "
            "of validation.h5: /constant: no target counts in the loss: each is ignored, or its "
            "class has weight 0; an epoch without it is neither better nor worse: it is not kept "
            "as best.h5, and neither early_stopping nor ReduceLROnPlateau counts it; monitor "
            "another value, or change the set"});
  experiment.json["train"]["monitor"] = "train.loss";
  CHECK(experiment.train("train").has_best);
  CHECK(warnings_of(experiment, "train") ==
        std::vector<std::string>{
            "warning: a.json: /data/validation: every label of validation.h5: /constant is -100 "
            "(ignore_index of CrossEntropyLoss): nothing can be measured on it; correct the labels "
            "or ignore_index"});
}

TEST_CASE("a training set whose labels are all ignored teaches nothing, and that is told") {
  Experiment experiment;
  add_labels(experiment, "train", 12, -100);
  experiment.json["data"]["train"]["target"] = "constant";
  experiment.json["optimizer"]["weight_decay"] = 0.1;
  experiment.train("run");
  experiment.json["train"]["epochs"] = 0;
  experiment.train("initial");
  CHECK(snapshot(experiment.last("run")).arrays == snapshot(experiment.last("initial")).arrays);
  CHECK(experiment.metrics("run", "epoch")[0]["train"]["loss"].is_null());
  CHECK(
      warnings_of(experiment, "run") ==
      std::vector<std::string>{
          "warning: a.json: /data/train: every label of train.h5: /constant is -100 (ignore_index "
          "of CrossEntropyLoss): nothing can be learned from it; correct the labels or "
          "ignore_index"});
}

TEST_CASE("metrics without a validation set are told once") {
  Experiment experiment;
  experiment.json["data"].erase("validation");
  experiment.json["metrics"] = parse_json(R"(["accuracy", {"type": "top_k", "k": 2}])", "metrics");
  experiment.train("run");
  CHECK(warnings_of(experiment, "run") ==
        std::vector<std::string>{
            "warning: a.json: /metrics: there is no validation set to measure accuracy, top_2 on; "
            "give data.validation, or leave metrics out"});
  experiment.json.erase("metrics");
  experiment.train("none");
  CHECK(warnings_of(experiment, "none").empty());
}

}  // namespace lucid::test
