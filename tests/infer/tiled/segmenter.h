#pragma once

#include <nlohmann/json.hpp>

#include "data/hdf5/write.h"
#include "infer/infer.h"
#include "infer/predict/predictor.h"
#include "support/experiment.h"
#include "support/from_text.h"

namespace lucid::test {

// A small U-Net with random weights for volumes of two channels. Its windows are 16 voxels wide,
// its receptive field is 11 and its stride 2.
struct Segmenter {
  Segmenter() {
    experiment.json["model"] = parse_json(R"({
      "input": {"channels": 1, "size": 16}, "layers": [
        {"type": "Conv3D", "name": "down", "out_channels": 4, "kernel_size": 3, "padding": 1},
        {"type": "ReLU", "name": "skip"},
        {"type": "MaxPool3D", "kernel_size": 2},
        {"type": "Conv3D", "out_channels": 4, "kernel_size": 3, "padding": 1},
        {"type": "ReLU"},
        {"type": "ConvTranspose3D", "name": "up", "out_channels": 4, "kernel_size": 2, "stride": 2},
        {"type": "Concat", "inputs": ["skip", "up"]},
        {"type": "Conv3D", "out_channels": 3, "kernel_size": 3, "padding": 1}]})",
                                          "a.json");
    train("run");
    options.may_overwrite = true;
    options.threads = 1;
    options.output = experiment / "out.h5";
  }

  // Runs an epoch without steps, which keeps the random weights.
  void train(const std::string& run) {
    const auto size = experiment.json["model"]["input"]["size"].get<std::int64_t>();
    write_set(experiment / "train.h5", {.volume = {1, size, size, size}, .count = 1});
    experiment.json["data"] = {
        {"train", {{"files", "train.h5"}, {"input", "volumes"}, {"target", "voxels"}}},
        {"normalize", normalize},
        {"augmentation", augmentation}};
    experiment.json["data"].update(grid);
    experiment.json["train"] = {{"epochs", 0}};
    experiment.train(run);
    options.checkpoints = {experiment.last(run)};
  }

  // Adds a volume (D, H, W) of uint8 in any range to the inputs of the next run.
  std::vector<std::uint8_t> add_volume(const std::string& name, const Shape& shape,
                                       const hdf5::Storage& storage = {}) {
    Rng rng(5, name);
    std::vector<std::uint8_t> voxels(shape.count());
    for (std::uint8_t& voxel : voxels) voxel = static_cast<std::uint8_t>(rng.below(256));
    hdf5::Writer writer(experiment / name);
    writer.write<std::uint8_t>("volumes", shape, voxels, storage);
    writer.close();
    options.inputs.push_back((experiment / name).string());
    return voxels;
  }

  InferResult run() {
    return infer(
        options, [](std::int64_t, std::int64_t) { return true; },
        [this](const std::string& line) { notes += line + "\n"; });
  }
  std::vector<float> predictions(const std::string& name = "predictions") {
    run();
    return hdf5::File(options.output).open(name).read<float>();
  }
  std::string error() {
    const std::string whole = experiment.folder.path().string() + "/";
    std::string text = error_of([&] { run(); });
    for (auto at = text.find(whole); at != std::string::npos; at = text.find(whole))
      text.erase(at, whole.size());
    return text;
  }

  // Returns the network's prediction for the volume as a whole.
  std::vector<float> of_whole(const std::vector<std::uint8_t>& voxels, const Triple& size) const {
    Predictor predictor(options.checkpoints, read_trained_config(options.checkpoints.front(), size),
                        {.threads = 1});
    std::vector<float> sample(voxels.begin(), voxels.end());
    predictor.config().normalize.given.apply(sample, 1);
    const auto result = predictor.predict(sample, 1);
    return {result.begin(), result.end()};
  }

  Experiment experiment;
  Json normalize{{"mean", 100}, {"std", 50}};
  Json augmentation = Json::array();
  Json grid = Json::object();  // further entries of the data section
  InferOptions options;
  std::string notes;
};

}  // namespace lucid::test
