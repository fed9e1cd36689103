#include <doctest/doctest.h>

#include "support/experiment.h"
#include "support/from_text.h"

// Whole runs with data.augmentation.
namespace lucid {
namespace {

using test::Experiment;
using test::snapshot;

// A network for voxels on 6x6x6, cut from samples of 8x8x8.
struct VoxelExperiment : Experiment {
  VoxelExperiment() {
    test::write_set(folder / "train.h5", {.volume = {1, 8, 8, 8}, .count = 9});
    test::write_set(folder / "validation.h5", {.volume = {1, 8, 8, 8}, .count = 4, .seed = 2});
    json["model"]["layers"] = parse_json(
        R"([{"type": "Conv3D", "out_channels": 3, "kernel_size": 3, "padding": 1}])", "a.json");
    for (const char* set : {"train", "validation"}) json["data"][set]["target"] = "voxels";
    json["data"]["batch_size"] = 2;
    json["data"]["normalize"] = "auto";
    json["data"]["augmentation"] = parse_json(R"([
      {"type": "RandomAffine", "degrees": 30, "fill": 0, "label_fill": -100},
      {"type": "RandomElasticDeformation", "max_displacement": 0.5, "fill": 0, "label_fill": -100},
      {"type": "RandomCrop", "size": 6}, {"type": "RandomFlip"},
      {"type": "RandomRotate90", "planes": ["dh", "hw"]}, {"type": "RandomNoise"},
      {"type": "RandomBlur", "std": 1, "p": 0.5}, {"type": "RandomBrightnessContrast"},
      {"type": "RandomGamma"}, {"type": "RandomCutout", "size": 2, "p": 0.3}])",
                                              "a.json");
  }
};

std::string error(const Experiment& experiment) {
  std::string text = test::error_of([&] { Session(experiment.config(), 1); });
  const std::string folder = (experiment / "").string();
  for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder))
    text.erase(at, folder.size());
  return text;
}

}  // namespace

TEST_CASE("an augmented run stopped anywhere and resumed gives the bits of one that was not") {
  VoxelExperiment experiment;
  experiment.json["train"]["accumulate"] = 2;
  experiment.json["train"]["ema"] = {{"decay", 0.9}};
  experiment.train("straight");
  const auto wanted = snapshot(experiment.last("straight"));
  const auto wanted_steps = experiment.metrics("straight", "step");
  for (const int questions : {1, 3, 5, 7, 9, 13}) {  // within epochs, between them
    CAPTURE(questions);
    experiment.train("run", test::stop_after(questions));
    experiment.resume("run", {.assignments = {"data.workers=3"}});
    CHECK(snapshot(experiment.last("run")) == wanted);
    CHECK(experiment.metrics("run", "step") == wanted_steps);
  }
}

TEST_CASE("augmentation changes a run, workers do not") {
  VoxelExperiment experiment;
  experiment.train("straight");
  for (const int workers : {0, 2, 5}) {
    experiment.json["data"]["workers"] = workers;
    experiment.train("other");
    CHECK(snapshot(experiment.last("other")) == snapshot(experiment.last("straight")));
    CHECK(experiment.saved_config("other")["data"]["workers"] == workers);
  }
  experiment.json["data"]["augmentation"].erase(3);
  experiment.train("other");
  CHECK_FALSE(snapshot(experiment.last("other")) == snapshot(experiment.last("straight")));
}

// The validation set as it is, cut by hand to the middle, measures the same.
TEST_CASE("a crop cuts the validation set around its middle, and nothing else touches it") {
  VoxelExperiment experiment;
  experiment.json["optimizer"]["lr"] = 0;
  experiment.train("augmented");
  const auto epochs = experiment.metrics("augmented", "epoch");
  CHECK(epochs[0]["validation"] == epochs[1]["validation"]);
  CHECK(epochs[0]["train"]["loss"] != epochs[1]["train"]["loss"]);
  experiment.json["data"]["augmentation"] = {{{"type", "RandomCrop"}, {"size", 6}}};
  experiment.train("cropped");
  CHECK(experiment.metrics("cropped", "epoch")[0]["validation"] == epochs[0]["validation"]);
}

TEST_CASE("a crop must give the model's input") {
  VoxelExperiment experiment;
  experiment.json["data"]["augmentation"][2]["size"] = 7;
  CHECK(
      error(experiment) ==
      "3: a.json: /data/train: expected samples of 1x6x6x6 (C, D, H, W), the model's input, found "
      "1x7x7x7 behind RandomCrop; set its size to model.input.size");
  experiment.json["data"]["augmentation"][2]["size"] = 9;
  CHECK(error(experiment) ==
        "2: a.json: /data/augmentation/2/size: expected at most the volume's 8x8x8, found 9x9x9; a "
        "larger padding makes room");
  experiment.json["data"]["augmentation"][2]["size"] = 6;
  test::write_set(experiment / "validation.h5", {.volume = {1, 8, 5, 8}, .count = 4});
  CHECK(error(experiment) ==
        "3: a.json: /data/validation: expected samples of 1x6x6x6 (C, D, H, W), the model's input, "
        "found 1x8x5x8 in validation.h5; set model.input to the shape of the data");
  experiment.json["data"]["augmentation"] = nullptr;
  CHECK(
      error(experiment) ==
      "3: a.json: /data/train: expected samples of 1x6x6x6 (C, D, H, W), the model's input, found "
      "1x8x8x8 in train.h5; set model.input to the shape of the data");
}

TEST_CASE("label_fill must be a class or ignore_index") {
  VoxelExperiment experiment;
  experiment.json["data"]["augmentation"][0]["label_fill"] = 3;
  CHECK(error(experiment) ==
        "2: a.json: /data/augmentation/0/label_fill: expected a class from 0 to 2, or -100 "
        "(ignore_index), found 3");
  experiment.json["data"]["augmentation"][0]["label_fill"] = 2;
  CHECK(error(experiment) == "");
}

TEST_CASE("volumes with a class each are augmented alone") {
  Experiment experiment;
  experiment.train("plain");
  experiment.json["data"]["augmentation"] = {{{"type", "RandomFlip"}}};
  experiment.train("flipped");
  CHECK_FALSE(snapshot(experiment.last("flipped")) == snapshot(experiment.last("plain")));
}

TEST_CASE("data.workers is checked") {
  Experiment experiment;
  experiment.json["data"]["workers"] = -1;
  CHECK(error(experiment) ==
        "2: a.json: /data/workers: expected an integer from 0 to 256, found -1");
}

}  // namespace lucid
