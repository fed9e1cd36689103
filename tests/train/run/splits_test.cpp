#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "data/hdf5/h5_files.h"
#include "support/approx.h"
#include "support/experiment.h"

// Runs learn and log the same, however their samples are divided into batches and steps.
namespace lucid::test {
namespace {

struct Split {
  int batch_size, accumulate;
};
constexpr Split kSplits[] = {{1, 12}, {2, 6}, {3, 4}, {5, 3}, {7, 2}};  // of 12 samples

// A network of voxels; few labels count in some samples, and in one none.
struct SparseLabels : Experiment {
  SparseLabels() {
    for (const char* set : {"train", "validation"}) {
      const hsize_t count = std::string(set) == "train" ? 12 : 7;
      const auto file = folder / (std::string(set) + ".h5");
      auto values = hdf5::File(file).open("voxels").read<double>();
      for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t sample = i / 216, voxel = i % 216;
        if ((sample % 4 == 0 && voxel > sample) || (sample % 4 == 1 && voxel > 30))
          values[i] = -100;
        if (sample == 2) values[i] = -100;
      }
      store(file, "sparse", {{count, 6, 6, 6}, values, H5T_STD_I16LE});
      json["data"][set]["target"] = "sparse";
    }
    json["model"]["layers"] = parse_json(R"([
        {"type": "Conv3D", "out_channels": 4, "kernel_size": 3, "padding": 1},
        {"type": "ReLU"},
        {"type": "Conv3D", "out_channels": 3, "kernel_size": 1}])",
                                         "layers");
    json["metrics"] = {"accuracy", "dice", "auc"};
    json["optimizer"] = {{"type", "SGD"}, {"lr", 1}};
    json["train"]["epochs"] = 1;
  }

  // The losses and metrics of the only epoch, then the parameters after its only step.
  std::vector<double> result_of(const Split& split, const std::string& run) {
    json["data"]["batch_size"] = split.batch_size;
    json["train"]["accumulate"] = split.accumulate;
    CHECK(train(run).step == 1);
    const Json step = metrics(run, "step")[0], epoch = metrics(run, "epoch")[0];
    CHECK(step["loss"].get<double>() == doctest::Approx(epoch["train"]["loss"]).epsilon(1e-6));
    std::vector<double> result{epoch["train"]["loss"]};
    for (const auto& [name, value] : epoch["validation"].items()) result.push_back(value);
    for (const auto& [name, values] : snapshot(last(run)).arrays)
      result.insert(result.end(), values.begin(), values.end());
    return result;
  }
};

}  // namespace

TEST_CASE("a step, the losses and the metrics do not depend on how samples are divided") {
  for (const char* loss :
       {R"({"type": "CrossEntropyLoss", "weight": [0.1, 3, 1]})",
        R"({"type": "CrossEntropyLoss", "label_smoothing": 0.2, "reduction": "sum"})",
        R"({"type": "DiceLoss"})", R"({"type": "DiceLoss", "batch": true})",
        R"({"type": "DiceCELoss", "include_background": false, "weight": [1, 2, 0.5]})",
        R"({"type": "FocalLoss", "alpha": 0.3})",
        R"([{"type": "DiceCELoss", "batch": true}, {"type": "FocalLoss", "factor": 0.5}])"}) {
    CAPTURE(loss);
    SparseLabels experiment;
    experiment.json["loss"] = parse_json(loss, "loss");
    // The step of a sum would be hundreds of times that of a mean.
    if (std::string(loss).find("sum") != std::string::npos)
      experiment.json["optimizer"]["lr"] = 0.01;
    const std::vector<double> expected = experiment.result_of({12, 1}, "whole");
    for (const Split& split : kSplits) {
      CAPTURE(split.batch_size);
      const auto found = experiment.result_of(split, "of " + std::to_string(split.batch_size));
      CHECK(std::vector<float>(found.begin(), found.end()) == approx(expected).within(1e-5, 2e-6));
    }
  }
}

TEST_CASE("the losses of one network are the same in batches of any size") {
  SparseLabels experiment;
  experiment.json["optimizer"]["lr"] = 0;
  experiment.json["loss"]["weight"] = {0.1, 3, 1};
  std::vector<double> train, validation;
  for (const int size : {12, 5, 1}) {
    experiment.json["data"]["batch_size"] = size;
    experiment.train(std::to_string(size));
    const Json epoch = experiment.metrics(std::to_string(size), "epoch")[0];
    train.push_back(epoch["train"]["loss"]);
    validation.push_back(epoch["validation"]["loss"]);
  }
  for (const auto& losses : {train, validation})
    for (const double loss : losses) CHECK(loss == doctest::Approx(losses[0]).epsilon(1e-6));
}

TEST_CASE("predicting a step twice, for Dice over its batches, leaves nothing behind") {
  SparseLabels experiment;
  Json& layers = experiment.json["model"]["layers"];
  layers.insert(layers.begin() + 1, Json{{"type", "Dropout"}});
  layers.insert(layers.begin() + 1, Json{{"type", "BatchNorm3D"}});
  experiment.json["optimizer"]["lr"] = 0;
  experiment.json["data"]["batch_size"] = 4;
  experiment.json["train"]["accumulate"] = 2;
  const auto arrays = [&](bool is_over_batch) {
    experiment.json["loss"] = {{"type", "DiceLoss"}, {"batch", is_over_batch}};
    const std::string run = is_over_batch ? "twice" : "once";
    experiment.train(run);
    return snapshot(experiment.last(run)).arrays;
  };
  CHECK(arrays(true) == arrays(false));
}

TEST_CASE("a step in which nothing counts changes nothing") {
  SparseLabels experiment;  // sample 2 is ignored
  experiment.json["optimizer"] = {
      {"type", "Adam"}, {"lr", 0.1}, {"weight_decay", 0.5}, {"betas", {0.9, 0.9}}};
  experiment.json["train"]["ema"] = Json::object();
  experiment.json["data"]["batch_size"] = 1;
  experiment.json["data"]["shuffle"] = false;
  for (const int steps : {2, 3}) {
    experiment.json["train"]["max_steps"] = steps;
    experiment.train(std::to_string(steps));
  }
  CHECK(snapshot(experiment.last("2")).arrays == snapshot(experiment.last("3")).arrays);
  CHECK(snapshot(experiment.last("2")).loss_sums == snapshot(experiment.last("3")).loss_sums);
  CHECK(experiment.metrics("3", "step")[2]["loss"].is_null());
  CHECK(experiment.metrics("2", "epoch")[0]["train"] ==
        experiment.metrics("3", "epoch")[0]["train"]);
}

TEST_CASE("a loss that changed within an epoch starts to be summed anew") {
  SparseLabels experiment;
  experiment.json["train"]["max_steps"] = 2;
  experiment.train("run");
  experiment.resume("run", {.assignments = {"loss.type=DiceCELoss", "train.max_steps=null"}});
  CHECK(experiment.metrics("run").back()["status"] == "finished");
  CHECK(experiment.metrics("run", "epoch").back()["train"]["loss"].is_number());
}

}  // namespace lucid::test
