#include "infer/window/flips.h"

#include <doctest/doctest.h>

#include <cmath>

#include "data/hdf5/write.h"
#include "infer/infer.h"
#include "infer/predict/go_on.h"
#include "support/approx.h"
#include "support/experiment.h"

// Mirror images of samples that a network takes whole.
namespace lucid {
namespace {

using test::approx;

struct FlippedSamples {
  FlippedSamples() {
    options.output = experiment / "out.h5";
    options.may_overwrite = true;
    options.threads = 1;
    options.inputs = {(experiment / "validation.h5").string()};
  }
  void train() {
    experiment.json["train"] = {{"epochs", 0}};
    for (int seed = 0; seed < 2; ++seed) {
      const std::string run = "run" + std::to_string(seed);
      experiment.json["seed"] = seed;
      experiment.train(run);
      options.checkpoints.push_back(experiment.last(run));
    }
  }
  void flip(const Flips& axes = {true, true, true}) {
    options.tiles = TileOptions{};
    options.tiles->flips = axes;
  }
  std::vector<float> predictions() {
    infer(options, test::go_on);
    return hdf5::File(options.output).open("predictions").read<float>();
  }
  // Returns the mean of the predictions for files with the mirror images along these axes, logits
  // of one network.
  std::vector<double> mean_of_images(const Flips& axes = {true, true, true}) {
    const std::vector<float> volumes =
        hdf5::File(experiment / "validation.h5").open("volumes").read<float>();
    std::vector<double> mean(21);
    const std::vector<Flips> images = mirror_images(axes);
    for (const Flips& flips : images) {
      std::vector<float> image(volumes.size());
      for (std::size_t i = 0; i < volumes.size(); ++i) {
        std::array<std::size_t, 3> at{i / 36 % 6, i / 6 % 6, i % 6};
        for (std::size_t axis = 0; axis < 3; ++axis)
          if (flips[axis]) at[axis] = 5 - at[axis];
        image[i] = volumes[i / 216 * 216 + (at[0] * 6 + at[1]) * 6 + at[2]];
      }
      hdf5::Writer writer(experiment / "image.h5");
      writer.write<float>("volumes", {7, 1, 6, 6, 6}, image);
      writer.close();
      options.inputs = {(experiment / "image.h5").string()};
      const std::vector<float> found = predictions();
      for (std::size_t i = 0; i < found.size(); ++i)
        mean[i] += found[i] / static_cast<double>(images.size());
    }
    options.inputs = {(experiment / "validation.h5").string()};
    return mean;
  }

  test::Experiment experiment;
  InferOptions options;
};

}  // namespace

TEST_CASE("samples that are taken whole have the mean over their mirror images") {
  FlippedSamples f;
  f.train();
  const auto both = f.options.checkpoints;
  std::vector<double> shares(21);
  for (const auto& checkpoint : both) {
    f.options.checkpoints = {checkpoint};
    f.options.activation = Activation::kNone;
    const std::vector<float> plain = f.predictions();
    const std::vector<double> mean = f.mean_of_images();
    f.flip();
    CHECK(f.predictions() == approx(mean).within(1e-5, 1e-6));
    CHECK_FALSE(f.predictions() == approx(plain).within(1e-5, 1e-6));
    f.options.activation = Activation::kSoftmax;
    f.options.batch_size = 3;
    const std::vector<float> found = f.predictions();
    for (std::size_t i = 0; i < found.size(); ++i) shares[i] += found[i] / 2.0;
    f.options.tiles.reset();
  }
  f.options.checkpoints = both;
  f.flip();
  CHECK(f.predictions() == approx(shares).within(0, 1e-6));
}

TEST_CASE("samples are mirrored along the axes that are named alone, or that training mirrored") {
  FlippedSamples f;
  f.experiment.json["data"]["augmentation"] = parse_json(
      R"([{"type": "RandomFlip", "axes": "w"}, {"type": "RandomFlip", "axes": "d"}])", "list");
  f.train();
  f.options.checkpoints.resize(1);
  const Flips both{true, false, true};
  const std::vector<double> of_h = f.mean_of_images({false, true, false}),
                            of_dw = f.mean_of_images(both);
  f.flip({false, true, false});
  CHECK(f.predictions() == approx(of_h).within(1e-5, 1e-6));
  f.flip(both);
  const std::vector<float> named = f.predictions();
  CHECK(named == approx(of_dw).within(1e-5, 1e-6));
  CHECK_FALSE(named == approx(of_h).within(1e-5, 1e-6));
  f.flip({});
  f.options.tiles->flips_as_trained = true;
  CHECK(f.predictions() == named);
}

TEST_CASE("axes of one voxel count as not mirrored") {
  FlippedSamples f;
  for (const char* file : {"train.h5", "validation.h5"})
    test::write_set(f.experiment / file, {.volume = {1, 6, 1, 6}, .count = 7});
  f.experiment.json["model"]["input"]["size"] = {6, 1, 6};
  f.experiment.json["data"]["augmentation"] = {{{"type", "RandomFlip"}}};
  f.experiment.json["model"]["layers"] =
      parse_json(R"([{"type": "Flatten"}, {"type": "Linear", "out_features": 3}])", "layers");
  f.train();
  f.options.checkpoints.resize(1);
  CHECK(read_trained_config(f.options.checkpoints.front()).mirrored == Flips{true, false, true});
  f.flip({true, false, true});
  const std::vector<float> named = f.predictions();
  f.flip({});
  f.options.tiles->flips_as_trained = true;
  CHECK(f.predictions() == named);
}

TEST_CASE("the loss of mirror images is that of their mean") {
  FlippedSamples f;
  f.train();
  f.options.checkpoints.resize(1);
  const std::vector<double> mean = f.mean_of_images();
  f.flip();
  f.options.target = "labels";
  double loss = 0;
  for (std::size_t i = 0; i < 7; ++i) {
    const double *logits = mean.data() + 3 * i,
                 sum = std::exp(logits[0]) + std::exp(logits[1]) + std::exp(logits[2]);
    loss += (std::log(sum) - logits[i % 3]) / 7;
  }
  CHECK(infer(f.options, test::go_on).measured.at("loss").value_or(0) ==
        doctest::Approx(loss).epsilon(1e-5));
}

TEST_CASE("outputs of coarse voxels are mirrored back") {
  FlippedSamples f;
  f.experiment.json["model"]["layers"] = parse_json(
      R"([{"type": "Conv3D", "out_channels": 3, "kernel_size": 1},
          {"type": "MaxPool3D", "kernel_size": 2}])",
      "layers");
  f.experiment.json["loss"] = {{"type", "MSELoss"}};
  f.experiment.json.erase("metrics");
  f.experiment.json["data"] = parse_json(
      R"({"train": {"files": "coarse.h5", "input": "volumes", "target": "coarse"}})", "data");
  hdf5::Writer writer(f.experiment / "coarse.h5");
  writer.write<float>("volumes", {1, 1, 6, 6, 6}, std::vector<float>(216));
  writer.write<float>("coarse", {1, 3, 3, 3, 3}, std::vector<float>(81));
  writer.close();
  f.train();
  f.options.checkpoints.resize(1);
  const std::vector<float> plain = f.predictions();
  f.flip();  // each voxel sees its own alone: nothing changes
  CHECK(f.predictions() == approx(plain).within(1e-6, 1e-6));
}

}  // namespace lucid
