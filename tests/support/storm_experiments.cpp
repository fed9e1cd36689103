#include "support/storm_experiments.h"

#include "data/hdf5/write.h"

namespace lucid::test {
namespace {

const char* const kModel = R"({
  "input": {"channels": 1, "size": 6},
  "layers": [{"type": "Conv3D", "out_channels": 8, "kernel_size": 3, "padding": 1},
             {"type": "BatchNorm3D", "momentum": 0.3}, {"type": "ReLU"},
             {"type": "Dropout3D", "p": 0.25}]
})";

const char* const kUNet = R"({
  "input": {"channels": 1, "size": 8},
  "layers": [
    {"type": "Conv3D", "out_channels": 4, "kernel_size": 3, "padding": 1},
    {"type": "BatchNorm3D", "sync": true}, {"type": "ReLU", "name": "skip"},
    {"type": "MaxPool3D", "kernel_size": 2},
    {"type": "Conv3D", "out_channels": 8, "kernel_size": 3, "padding": 1},
    {"type": "BatchNorm3D", "sync": true}, {"type": "ReLU"},
    {"type": "Dropout3D", "p": 0.2, "name": "low"},
    {"type": "ConvTranspose3D", "out_channels": 4, "kernel_size": 2, "stride": 2, "name": "grown"},
    {"type": "Concat", "inputs": ["skip", "grown"]},
    {"type": "Conv3D", "out_channels": 3, "kernel_size": 1, "name": "head"},
    {"type": "Conv3D", "out_channels": 3, "kernel_size": 1, "name": "half", "inputs": "low"}],
  "outputs": ["head", "half"]
})";

const char* const kTrain = R"({
  "epochs": 4, "log_every": 1, "accumulate": 2, "ema": {"decay": 0.9}, "gradient_clip": 1,
  "checkpoint_every": {"minutes": 1e-5}
})";

void use_model(Experiment& experiment, const char* last_layer) {
  experiment.json["model"] = parse_json(kModel, "model");
  experiment.json["model"]["layers"].push_back(parse_json(last_layer, "layer"));
  experiment.json["optimizer"] = {{"type", "AdamW"}, {"lr", 0.01}};
  experiment.json["scheduler"] = {{"type", "CosineAnnealingLR"}, {"unit", "step"}};
  experiment.json["train"] = parse_json(kTrain, "train");
  experiment.json["data"]["batch_size"] = 2;
  experiment.json["data"]["normalize"] = "auto";
  experiment.json["data"]["augmentation"] = parse_json(
      R"([{"type": "RandomFlip"}, {"type": "RandomNoise", "std": 0.1}])", "augmentation");
}

// One volume of chunks; a label says whether the value of a voxel, with noise, is high.
void write_volume(const std::filesystem::path& file, std::uint64_t seed) {
  const Shape shape{14, 12, 16};
  Rng rng(seed, "volume");
  std::vector<float> raw;
  std::vector<std::uint8_t> labels;
  for (std::size_t i = 0; i < shape.count(); ++i) {
    labels.push_back(rng.uniform() < 0.3 ? 1 : 0);
    raw.push_back(2 * static_cast<float>(labels.back()) + 0.4F * static_cast<float>(rng.normal()));
  }
  const hdf5::Storage storage{.chunk = {5, 6, 7}, .deflate = 1};
  hdf5::Writer writer(file);
  writer.write<float>("raw", shape, raw, storage);
  writer.write<std::uint8_t>("labels", shape, labels, storage);
  writer.close();
}

}  // namespace

void use_everything(Experiment& experiment) {
  use_model(experiment, R"({"type": "Linear", "out_features": 3})");
}

void use_everything_on_patches(Experiment& experiment) {
  write_volume(experiment / "big.h5", 1);
  write_volume(experiment / "big_validation.h5", 2);
  experiment.json["data"] = parse_json(R"({
    "train": {"files": "big.h5", "input": "raw", "target": "labels"},
    "validation": {"files": "big_validation.h5", "input": "raw", "target": "labels"},
    "patch": {"foreground": 0.4, "per_volume": 9}, "workers": 2, "cache_mb": 0})",
                                       "data");
  use_model(experiment, R"({"type": "Conv3D", "out_channels": 2, "kernel_size": 1})");
}

void use_everything_on_unet(Experiment& experiment) {
  use_everything(experiment);
  const SetSpec spec{.volume = {1, 8, 8, 8}, .count = 19, .classes = 4};
  write_set(experiment / "train.h5", spec);
  write_set(experiment / "validation.h5",
            {.volume = spec.volume, .count = 3, .classes = 4, .seed = 2});
  experiment.json["model"] = parse_json(kUNet, "model");
  for (const char* set : {"train", "validation"}) experiment.json["data"][set]["target"] = "voxels";
  experiment.json["data"]["batch_size"] = 8;
  experiment.json["loss"] = parse_json(
      R"([{"type": "CrossEntropyLoss", "ignore_index": 3, "weight": [0.5, 1, 2]},
          {"type": "DiceCELoss", "ignore_index": 3, "output": "half", "factor": 0.5}])",
      "loss");
  experiment.json["metrics"] = {"iou"};
  experiment.json["train"]["shards"] = 8;
  experiment.json["train"]["epochs"] = 2;
}

}  // namespace lucid::test
