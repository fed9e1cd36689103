#include <doctest/doctest.h>

#include "data/hdf5/write.h"
#include "support/approx.h"
#include "support/experiment.h"
#include "support/golden.h"

namespace lucid::test {
namespace {

constexpr std::int64_t kSamples = 13, kSize = 8;

const char* const kModel = R"({
  "input": {"channels": 1, "size": 8},
  "layers": [
    {"type": "Conv3D", "name": "conv1", "out_channels": 4, "kernel_size": 3, "padding": 1},
    {"type": "BatchNorm3D", "name": "norm1", "sync": true},
    {"type": "ReLU", "name": "skip"}, {"type": "MaxPool3D", "kernel_size": 2},
    {"type": "Conv3D", "name": "conv2", "out_channels": 8, "kernel_size": 3, "padding": 1},
    {"type": "BatchNorm3D", "name": "norm2", "sync": true}, {"type": "ReLU"},
    {"type": "ConvTranspose3D", "name": "up", "out_channels": 4, "kernel_size": 2, "stride": 2},
    {"type": "BatchNorm3D", "name": "norm3", "sync": true}, {"type": "ReLU", "name": "deep"},
    {"type": "Concat", "inputs": ["skip", "deep"]},
    {"type": "Conv3D", "name": "head", "out_channels": 3, "kernel_size": 1}]
})";

// The parameters in PyTorch's order.
const std::vector<std::pair<std::string, Shape>> kParameters{{"conv1/weight", {4, 1, 3, 3, 3}},
                                                             {"conv1/bias", {4}},
                                                             {"norm1/weight", {4}},
                                                             {"norm1/bias", {4}},
                                                             {"conv2/weight", {8, 4, 3, 3, 3}},
                                                             {"conv2/bias", {8}},
                                                             {"norm2/weight", {8}},
                                                             {"norm2/bias", {8}},
                                                             {"up/weight", {8, 4, 2, 2, 2}},
                                                             {"up/bias", {4}},
                                                             {"norm3/weight", {4}},
                                                             {"norm3/bias", {4}},
                                                             {"head/weight", {3, 8, 1, 1, 1}},
                                                             {"head/bias", {3}}};

// As tests/golden/make_shards.py makes them.
std::vector<float> pattern(std::size_t count, std::int64_t salt) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = (static_cast<std::int64_t>(i) * 7919 + salt * 10007) % 2003 - 1001;
    values.push_back(static_cast<float>(static_cast<double>(number) / 1001));
  }
  return values;
}

void write_parameters(const std::filesystem::path& file) {
  hdf5::Writer writer(file);
  for (std::size_t i = 0; i < kParameters.size(); ++i) {
    const auto& [name, shape] = kParameters[i];
    std::vector<float> values = pattern(shape.count(), static_cast<std::int64_t>(i));
    const auto fan = static_cast<float>(
        shape.rank() > 1 ? shape.count() / static_cast<std::size_t>(shape[0]) : 1);
    const bool is_scale = name.starts_with("norm") && name.ends_with("weight");
    for (float& value : values) value = is_scale ? 1 + 0.2F * value : value / std::sqrt(fan);
    writer.write<float>("parameters/" + name, shape, values);
  }
  for (const auto& [norm, channels] : {std::pair{"norm1", 4}, {"norm2", 8}, {"norm3", 4}}) {
    const std::string buffer = std::string("parameters/") + norm;
    const auto count = static_cast<std::size_t>(channels);
    writer.write<float>(buffer + "/running_mean", {channels}, std::vector<float>(count, 0));
    writer.write<float>(buffer + "/running_var", {channels}, std::vector<float>(count, 1));
  }
  writer.close();
}

void write_volumes(const std::filesystem::path& file) {
  const Shape voxels{kSamples, kSize, kSize, kSize};
  std::vector<std::uint8_t> labels;
  for (std::size_t i = 0; i < voxels.count(); ++i)
    labels.push_back(static_cast<std::uint8_t>((i * 31 + i / 7) % 4));
  hdf5::Writer writer(file);
  writer.write<float>("volumes", {kSamples, 1, kSize, kSize, kSize}, pattern(voxels.count(), 100));
  writer.write<std::uint8_t>("labels", voxels, labels);
  writer.close();
}

}  // namespace

TEST_CASE("a U-Net in shards trains as PyTorch trains it on whole batches") {
  const Json golden = read_golden("shards.json");
  Experiment experiment;
  write_volumes(experiment / "volumes.h5");
  write_parameters(experiment / "start.h5");
  experiment.json = parse_json(R"({
    "data": {"train": {"files": "volumes.h5", "input": "volumes", "target": "labels"},
             "batch_size": 5, "shuffle": false},
    "loss": {"type": "CrossEntropyLoss", "weight": [0.5, 1, 2], "ignore_index": 3},
    "optimizer": {"type": "SGD", "lr": 0.05, "momentum": 0.9},
    "train": {"epochs": 7, "max_steps": 20, "log_every": 1, "weights": "start.h5"}})",
                               "experiment");
  experiment.json["model"] = parse_json(kModel, "model");
  for (const int shards : {1, 2, 3, 5}) {
    CAPTURE(shards);
    experiment.json["train"]["shards"] = shards;
    experiment.train("run");
    std::vector<double> losses;
    for (const Json& event : experiment.metrics("run", "step")) losses.push_back(event["loss"]);
    CHECK(losses == approx(golden["losses"].get<std::vector<double>>()).within(1e-5));
    const Snapshot last = snapshot(experiment.last("run"));
    const std::vector<float>& found = last.arrays.at("parameters/norm2/running_var");
    CHECK(std::vector<double>(found.begin(), found.end()) ==
          approx(golden["running_var"].get<std::vector<double>>()).within(1e-4));
  }
}

}  // namespace lucid::test
