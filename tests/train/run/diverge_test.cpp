#include <doctest/doctest.h>

#include <limits>

#include "base/text.h"
#include "data/hdf5/h5_files.h"
#include "data/hdf5/write.h"
#include "support/experiment.h"
#include "support/from_text.h"

namespace lucid {
namespace {

using test::Experiment;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Writes the set with one voxel of one sample changed.
void spoil(const std::filesystem::path& file, std::size_t sample, float value) {
  std::vector<float> volumes, labels;
  Shape shape;
  {
    const hdf5::File set(file);
    volumes = set.open("volumes").read<float>();
    shape = set.open("volumes").shape();
    labels = set.open("labels").read<float>();
  }
  volumes[sample * (volumes.size() / static_cast<std::size_t>(shape[0])) + 7] = value;
  hdf5::Writer writer(file);
  writer.write<float>("volumes", shape, volumes);
  writer.write<std::uint8_t>("labels", {shape[0]},
                             std::vector<std::uint8_t>(labels.begin(), labels.end()));
  writer.close();
}

// Returns "4: message" and removes the last checkpoint and the advice at its end after checking
// them. Nothing but other data helps against a fault of the data.
std::string divergence(Experiment& experiment, const std::string& advice) {
  const std::string text =
      test::from_inside(experiment.folder.path(), test::error_of([&] { experiment.train("run"); }));
  const std::string end = "; the last good checkpoint is run/checkpoints/last.h5" + advice;
  CHECK(text.ends_with(end));
  return text.substr(0, text.size() - std::min(text.size(), end.size()));
}

std::string divergence(Experiment& experiment) {
  return divergence(experiment, "; a lower optimizer.lr or train.gradient_clip may help");
}

const std::string kOfData =
    "; the data is at fault, not the learning rate: correct it or leave it out";

// Checks that a divergence leaves a checkpoint of finite values and a last event that reports it.
void check_aftermath(const Experiment& experiment, const std::string& message) {
  for (const auto& array : test::snapshot(experiment.last("run")).arrays) {
    CAPTURE(array.first);
    CHECK(std::ranges::all_of(array.second, [](float value) { return std::isfinite(value); }));
  }
  const Json end = experiment.metrics("run").back();
  CHECK(end["event"] == "end");
  CHECK(end["status"] == "diverged");
  CHECK(test::from_inside(experiment.folder.path(), end["message"].get<std::string>())
            .starts_with(message.substr(3)));
}

}  // namespace

TEST_CASE("a learning rate that is far too large ends the run, and the last checkpoint is whole") {
  Experiment experiment;
  experiment.json["optimizer"] = {{"type", "SGD"}, {"lr", 1e30}};
  const std::string message = divergence(experiment);
  CHECK(message ==
        "4: epoch 1, step 2: the loss is nan; the first layer whose output is not finite is "
        "'linear_1'");
  check_aftermath(experiment, message);
}

TEST_CASE("parameters that are not finite are never saved within an epoch") {
  Experiment experiment;
  experiment.json["optimizer"] = {{"type", "SGD"}, {"lr", 1e38}, {"weight_decay", 1e6}};
  experiment.json["train"]["checkpoint_every"] = {{"minutes", 1e-12}};
  const std::string message = divergence(experiment);
  CHECK(message == "4: epoch 1, step 1: the parameter 'conv3d_1/weight' is not finite");
  check_aftermath(experiment, message);
}

TEST_CASE("parameters that are not finite are not saved on a signal") {
  Experiment experiment;
  experiment.json["optimizer"] = {{"type", "SGD"}, {"lr", 1e38}, {"weight_decay", 1e6}};
  const std::string message = test::error_of([&] { experiment.train("run", test::stop_after(1)); });
  CHECK(message.starts_with("4: epoch 1, step 1: the parameter 'conv3d_1/weight' is not finite"));
  check_aftermath(experiment, message.substr(0, 30));
}

TEST_CASE("a NaN in the training data ends the run and is named, though a ReLU hides it") {
  for (const float value : {kNan, std::numeric_limits<float>::infinity()}) {
    Experiment experiment;
    spoil(experiment / "train.h5", 8, value);
    experiment.json["data"]["shuffle"] = false;
    const std::string message = divergence(experiment, "");
    CHECK(message ==
          "4: epoch 1, step 2: train.h5: /volumes, sample 8, voxel (0, 1, 1): expected a finite "
          "number, found " +
              number_text(value) + kOfData);
    check_aftermath(experiment, message);
  }
}

TEST_CASE("a NaN in the training data ends the run though frozen layers hide it as well") {
  Experiment experiment;
  spoil(experiment / "train.h5", 8, kNan);
  experiment.json["data"]["shuffle"] = false;
  experiment.json["train"]["freeze"] = "conv3d_1/*";
  const std::string message = divergence(experiment, "");
  CHECK(message ==
        "4: epoch 1, step 2: train.h5: /volumes, sample 8, voxel (0, 1, 1): expected a finite "
        "number, found nan" +
            kOfData);
  check_aftermath(experiment, message);
}

TEST_CASE("a NaN in the training data leaves no normalisation to measure") {
  Experiment experiment;
  spoil(experiment / "train.h5", 8, kNan);
  experiment.json["data"]["normalize"] = "auto";
  CHECK(test::error_of([&] { experiment.train("run"); }) ==
        "4: " + (experiment / "train.h5").string() +
            ": /volumes, sample 8, voxel (0, 1, 1): expected a finite number, found nan" + kOfData);
}

TEST_CASE("a NaN in a target ends the run") {
  Experiment experiment;
  {
    hdf5::Writer writer(experiment / "targets.h5");
    writer.write<float>("volumes", {2, 1, 6, 6, 6}, std::vector<float>(432, 1.F));
    writer.write<float>("values", {2, 3}, std::vector<float>{1, 2, 3, 4, kNan, 6});
    writer.close();
  }
  experiment.json["data"]["train"] = {
      {"files", "targets.h5"}, {"input", "volumes"}, {"target", "values"}};
  experiment.json["data"].erase("validation");
  experiment.json["loss"]["type"] = "MSELoss";
  experiment.json.erase("metrics");
  const std::string message = divergence(experiment, "");
  CHECK(message ==
        "4: epoch 1, step 1: targets.h5: /values, sample 1, value 1: expected a finite number, "
        "found nan" +
            kOfData);
  check_aftermath(experiment, message);
}

TEST_CASE("a NaN in the validation set ends the run, though a ReLU hides it") {
  Experiment experiment;
  spoil(experiment / "validation.h5", 3, kNan);
  const std::string message = divergence(experiment, "");
  CHECK(message ==
        "4: epoch 1, step 3: validation.h5: /volumes, sample 3, voxel (0, 1, 1): expected a finite "
        "number, found nan" +
            kOfData);
  check_aftermath(experiment, message);
}

TEST_CASE("a run that diverged can be resumed with a lower learning rate") {
  Experiment experiment;
  experiment.json["optimizer"] = {{"type", "SGD"}, {"lr", 1e30}};
  divergence(experiment);
  experiment.resume("run", {.assignments = {"optimizer.lr=0.01"}});
  CHECK(experiment.metrics("run").back()["status"] == "finished");
}

}  // namespace lucid
