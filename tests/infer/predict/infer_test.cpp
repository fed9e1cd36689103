#include "infer/infer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "data/hdf5/h5_files.h"
#include "data/hdf5/write.h"
#include "graph/parse.h"
#include "infer/predict/go_on.h"
#include "support/approx.h"
#include "support/experiment.h"
#include "support/from_text.h"

namespace lucid {
namespace {

using test::approx;
using test::Experiment;
using test::go_on;
namespace fs = std::filesystem;

// A trained network and input files.
struct InferFixture {
  explicit InferFixture(const std::string& normalize = "\"auto\"") {
    experiment.json["data"]["normalize"] = parse_json(normalize, "");
    experiment.train("run");
    options.checkpoints = {experiment.last("run")};
    options.inputs = {(experiment / "validation.h5").string()};
    options.output = experiment / "out.h5";
    options.may_overwrite = true;
    options.threads = 1;
  }
  InferResult run() { return infer(options, go_on); }
  std::vector<float> predictions() {
    run();
    return hdf5::File(options.output).open("predictions").read<float>();
  }
  std::string error() {
    return test::from_inside(experiment.folder.path(), test::error_of([&] { run(); }));
  }
  fs::path write_volumes(const std::string& name, const Shape& shape,
                         const std::vector<float>& values) const {
    hdf5::Writer writer(experiment / name);
    writer.write<float>("volumes", shape, values);
    writer.close();
    return experiment / name;
  }

  Experiment experiment;
  InferOptions options;
};

std::vector<float> volumes_of(const fs::path& file) {
  return hdf5::File(file).open("volumes").read<float>();
}

// Returns what a plan of one sample predicts for samples that are normalised here.
std::vector<float> by_hand(const InferFixture& f, std::vector<float> samples) {
  const CheckpointFile checkpoint(f.options.checkpoints.front());
  const Json config = checkpoint.config();
  Engine engine(1);
  Model model(
      test::from_json(config["model"], "/model", [](JsonObject& o) { return read_graph(o); }),
      engine, 9);
  checkpoint.load_parameters(model);
  const auto mean = config["data"]["normalize"]["mean"].get<float>(),
             deviation = config["data"]["normalize"]["std"].get<float>();
  std::vector<float> all;
  Plan& plan = model.plan(Mode::kInfer, 1);
  const std::size_t voxels = model.graph().input_shape().count();
  for (std::size_t at = 0; at < samples.size(); at += voxels) {
    for (std::size_t i = 0; i < voxels; ++i)
      plan.input().values()[i] = (samples[at + i] - mean) / deviation;
    plan.forward();
    all.insert(all.end(), plan.output().values().begin(), plan.output().values().end());
  }
  return all;
}

}  // namespace

TEST_CASE("predictions are the network's output for normalised volumes") {
  InferFixture f;
  const auto expected = by_hand(f, volumes_of(f.experiment / "validation.h5"));
  CHECK(f.predictions() == approx(expected).within(1e-5, 1e-6));
}

TEST_CASE("predictions do not depend on the batch size") {
  InferFixture f;
  const auto expected = f.predictions();
  for (const std::int64_t size : {1, 3, 7, 100}) {
    CAPTURE(size);
    f.options.batch_size = size;
    CHECK(f.predictions() == approx(expected).within(1e-5, 1e-6));
  }
}

TEST_CASE("the output says where its numbers come from") {
  InferFixture f;
  const InferResult result = f.run();
  CHECK(result.samples == 7);
  CHECK(result.predictions == Shape{7, 3});
  CHECK(result.non_finite == "");
  const hdf5::File file(f.options.output);
  CHECK(file.datasets() == std::vector<std::string>{"predictions"});
  CHECK(file.open("predictions").shape() == Shape{7, 3});
  CHECK(file.open("predictions").info().type == "float32");
  CHECK(file.attribute<std::string>("predictions", "input_files") == f.options.inputs[0]);
  CHECK(file.attribute<std::string>("predictions", "input_datasets") == "volumes");
  CHECK(file.attribute<std::string>("predictions", "checkpoint") ==
        f.options.checkpoints.front().string());
  CHECK(file.attribute<std::string>("predictions", "activation") == "none");
}

TEST_CASE("several inputs are joined along N") {
  InferFixture f;
  auto expected = f.predictions();
  f.options.inputs = {(f.experiment / "train.h5").string()};
  const auto second = f.predictions();
  expected.insert(expected.end(), second.begin(), second.end());
  f.options.inputs.insert(f.options.inputs.begin(), (f.experiment / "validation.h5").string());
  CHECK(f.predictions() == approx(expected).within(1e-5, 1e-6));
  CHECK(hdf5::File(f.options.output).attribute<std::string>("predictions", "input_files") ==
        f.options.inputs[0] + "\n" + f.options.inputs[1]);
}

TEST_CASE("volumes of another shape are refused") {
  InferFixture f;
  f.options.inputs = {f.write_volumes("b.h5", {1, 1, 5, 6, 6}, std::vector<float>(180))};
  CHECK(f.error() ==
        "3: b.h5: /volumes: expected samples of 1x6x6x6 (C, D, H, W), as the network was trained "
        "on, found 1x5x6x6; layer 'linear_1' (Linear) keeps the network at that size");
  f.options.inputs.insert(f.options.inputs.begin(), (f.experiment / "validation.h5").string());
  CHECK(f.error() ==
        "3: b.h5: /volumes: expected samples of 1x6x6x6 as in 'validation.h5: /volumes', found "
        "1x5x6x6");
}

TEST_CASE("axes and dataset are those of the training set unless they are given") {
  InferFixture f;
  const auto expected = f.predictions();
  std::vector<float> turned;  // (N, C, D, H, W) as (W, H, D, N): read back through --axes xyzn
  const auto volumes = volumes_of(f.experiment / "validation.h5");
  for (std::size_t w = 0; w < 6; ++w)
    for (std::size_t h = 0; h < 6; ++h)
      for (std::size_t d = 0; d < 6; ++d)
        for (std::size_t n = 0; n < 7; ++n)
          turned.push_back(volumes[((n * 6 + d) * 6 + h) * 6 + w]);
  hdf5::Writer writer(f.experiment / "turned.h5");
  writer.write<float>("a/b", {6, 6, 6, 7}, turned);
  writer.close();
  f.options.inputs = {(f.experiment / "turned.h5").string()};
  CHECK(f.error() == "3: turned.h5: no dataset 'volumes'; known: a/b");
  f.options.dataset = "a/b";
  CHECK(f.error() ==
        "3: turned.h5: /a/b: expected its axes to be named, found shape 6x6x6x7; give --axes "
        "ndhw or --axes cdhw");
  f.options.axes = "xyzn";
  CHECK(f.predictions() == approx(expected).within(1e-5, 1e-6));
  f.options.axes = "xyyn";
  CHECK(f.error() ==
        "2: --axes: expected d, h and w (or z, y and x), and n and c where the dataset has them, "
        "each once, found 'xyyn'");
}

TEST_CASE("one volume of rank 3 is one sample") {
  InferFixture f;
  const auto expected = f.predictions();
  const auto volumes = volumes_of(f.experiment / "validation.h5");
  f.options.inputs = {f.write_volumes("one.h5", {6, 6, 6},
                                      std::vector<float>(volumes.begin(), volumes.begin() + 216))};
  CHECK(f.predictions() ==
        approx(std::vector<float>(expected.begin(), expected.begin() + 3)).within(1e-5, 1e-6));
  CHECK(hdf5::File(f.options.output).open("predictions").shape() == Shape{1, 3});
}

TEST_CASE("activations are applied to what is written") {
  InferFixture f;
  const auto logits = f.predictions();
  f.options.activation = Activation::kSoftmax;
  const auto probabilities = f.predictions();
  for (std::size_t i = 0; i < probabilities.size(); i += 3)
    CHECK(probabilities[i] + probabilities[i + 1] + probabilities[i + 2] ==
          doctest::Approx(1).epsilon(1e-6));
  f.options.activation = Activation::kArgmax;
  const auto classes = f.predictions();
  const hdf5::File file(f.options.output);
  CHECK(file.open("predictions").shape() == Shape{7});
  CHECK(file.open("predictions").info().type == "int32");
  CHECK(file.attribute<std::string>("predictions", "activation") == "argmax");
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto row = logits.begin() + static_cast<std::ptrdiff_t>(3 * i);
    CHECK(classes[i] == static_cast<float>(std::max_element(row, row + 3) - row));
  }
}

TEST_CASE("with a target, loss and metrics are those of the training's validation") {
  InferFixture f;
  f.options.target = "labels";
  const Json validation = f.experiment.metrics("run", "epoch").back()["validation"];
  const InferResult result = f.run();
  REQUIRE(result.measured.values.size() == 2);
  CHECK(result.measured.values[0] == std::pair<std::string, double>("loss", validation["loss"]));
  CHECK(result.measured.values[1] ==
        std::pair<std::string, double>("accuracy", validation["accuracy"]));
  f.options.activation = Activation::kArgmax;  // the samples of the file that is written
  CHECK(f.run().measured.values == result.measured.values);
}

TEST_CASE("targets that do not fit the loss are refused") {
  InferFixture f;
  f.options.target = "values";
  CHECK(f.error().starts_with(
      "3: validation.h5: /values, sample 0: CrossEntropyLoss: predictions (N, 3) need integer "
      "labels (N), found floats (N, 2)"));
  f.options.target = "lables";
  CHECK(f.error().starts_with("3: validation.h5: no dataset 'lables'; did you mean 'labels'?"));
}

}  // namespace lucid
