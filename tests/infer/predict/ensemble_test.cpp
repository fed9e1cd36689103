#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/hdf5/write.h"
#include "infer/infer.h"
#include "infer/predict/go_on.h"
#include "infer/predict/member_mean.h"
#include "store/checkpoint.h"
#include "support/approx.h"
#include "support/experiment.h"

// Several networks that predict the mean of probabilities, of samples taken whole.
namespace lucid {
namespace {

using test::approx;
namespace fs = std::filesystem;

// Networks of a single voxel, of which only the biases count: their outputs are these.
struct Constants {
  // `outputs`: of each network, one number a channel.
  Constants(const std::string& loss, const std::vector<std::vector<float>>& outputs) {
    experiment.json["model"] = {
        {"input", {{"channels", 1}, {"size", 1}}},
        {"layers", {{{"type", "Linear"}, {"name", "last"}, {"out_features", outputs[0].size()}}}}};
    experiment.json["loss"] = {{"type", loss}};
    experiment.json["data"] = {
        {"train", {{"files", "train.h5"}, {"input", "volumes"}, {"target", "labels"}}}};
    experiment.json["metrics"] = Json::array();
    if (loss != "MSELoss") experiment.json["metrics"] = {"accuracy"};
    experiment.json["train"] = {{"epochs", 0}};
    write(outputs[0].size(), loss == "CrossEntropyLoss");
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string run = "run" + std::to_string(i);
      experiment.train(run);
      options.checkpoints.push_back(with_bias(experiment.last(run), outputs[i]));
    }
    options.inputs = {(experiment / "train.h5").string()};
    options.output = experiment / "out.h5";
    options.may_overwrite = true;
    options.threads = 1;
  }

  // Two samples, whose targets are class 0 and class 2, or the numbers 1 and 0.
  void write(std::size_t channels, bool are_classes) const {
    hdf5::Writer writer(experiment / "train.h5");
    writer.write<float>("volumes", {2, 1, 1, 1, 1}, std::vector<float>{0, 0});
    if (are_classes) {
      writer.write<std::uint8_t>("labels", {2}, std::vector<std::uint8_t>{0, 2});
    } else {
      std::vector<float> values(2 * channels, 0.0F);
      values[0] = 1;
      writer.write<float>("labels", {2, static_cast<Shape::Extent>(channels)}, values);
    }
    writer.close();
  }

  static fs::path with_bias(const fs::path& file, const std::vector<float>& bias) {
    const CheckpointFile checkpoint(file);
    const Json config = checkpoint.config();
    Engine engine(1);
    Model model(read_trained_config(file).graph, engine, 0);
    checkpoint.load_parameters(model);
    std::ranges::copy(bias, model.parameters().at("last/bias").value.values().begin());
    const fs::path changed = file.parent_path() / "changed.h5";
    save_checkpoint(changed, model, config, {});
    return changed;
  }

  InferResult run() { return infer(options, test::go_on); }
  std::vector<float> predictions(Activation activation) {
    options.activation = activation;
    run();
    return hdf5::File(options.output).open("predictions").read<float>();
  }
  double loss() {
    options.target = "labels";
    const InferResult result = run();
    REQUIRE(result.measured.values.front().first == "loss");
    return result.measured.values.front().second;
  }

  test::Experiment experiment;
  InferOptions options;
};

}  // namespace

TEST_CASE("the loss of several networks is that of their mean probabilities") {
  const float two = std::log(2.0F), three = std::log(3.0F);
  // softmax: 1/4 1/4 1/2, 3/5 1/5 1/5; mean: 17/40 9/40 14/40
  Constants f("CrossEntropyLoss", {{0, 0, two}, {three, 0, 0}});
  const std::vector<double> mean{17 / 40.0, 9 / 40.0, 14 / 40.0, 17 / 40.0, 9 / 40.0, 14 / 40.0};
  CHECK(f.predictions(Activation::kNone) == approx(mean).within(1e-6));
  CHECK(f.predictions(Activation::kSoftmax) == approx(mean).within(1e-6));
  CHECK(f.predictions(Activation::kArgmax) == std::vector<float>{0, 0});
  for (const Activation activation : {Activation::kNone, Activation::kSigmoid}) {
    f.options.activation = activation;
    CHECK(f.loss() == doctest::Approx(-(std::log(17 / 40.0) + std::log(14 / 40.0)) / 2));
  }
  CHECK(f.run().measured.at("accuracy") == 0.5);  // the first network says class 2, the second 0
}

TEST_CASE("the loss of networks with binary outputs is that of their mean probabilities") {
  const float three = std::log(3.0F), nine = std::log(9.0F);
  // sigmoid: 3/4 1/2, 1/4 1/10; mean: 1/2 3/10; targets: 1 0, 0 0
  Constants f("BCEWithLogitsLoss", {{three, 0}, {-three, -nine}});
  CHECK(f.predictions(Activation::kSigmoid) ==
        approx(std::vector<double>{0.5, 0.3, 0.5, 0.3}).within(1e-6));
  CHECK(f.loss() == doctest::Approx(-(2 * std::log(0.5) + 2 * std::log(0.7)) / 4));
}

TEST_CASE("certain networks have a finite loss, as PyTorch's BCELoss") {
  Constants f("BCEWithLogitsLoss", {{200}, {300}});
  CHECK(f.loss() == doctest::Approx(50));  // of the targets 1 and 0, with a logarithm of -100
  Constants classes("CrossEntropyLoss", {{200, 0, 0}, {300, 0, 0}});
  CHECK(classes.loss() == doctest::Approx(50));
}

TEST_CASE("the loss of networks that predict values is that of their mean") {
  Constants f("MSELoss", {{1, 2}, {3, 5}});
  CHECK(f.predictions(Activation::kNone) ==
        approx(std::vector<double>{2, 3.5, 2, 3.5}).within(1e-6));
  CHECK(f.loss() == doctest::Approx((1 + 3.5 * 3.5 + 4 + 3.5 * 3.5) / 4));
}

TEST_CASE("samples that several networks take whole have the mean of their probabilities") {
  test::Experiment experiment;
  InferOptions options;
  options.inputs = {(experiment / "validation.h5").string()};
  options.output = experiment / "out.h5";
  options.may_overwrite = true;
  options.threads = 1;
  options.activation = Activation::kSoftmax;
  options.csv = experiment / "out.csv";
  const auto predictions = [&] {
    infer(options, test::go_on);
    return hdf5::File(options.output).open("predictions").read<float>();
  };
  std::vector<fs::path> checkpoints;
  std::vector<double> mean(21);
  for (int seed = 0; seed < 5; ++seed) {
    const std::string run = "run" + std::to_string(seed);
    experiment.json["seed"] = seed;
    experiment.train(run);
    checkpoints.push_back(experiment.last(run));
    options.checkpoints = {checkpoints.back()};
    const std::vector<float> one = predictions();
    for (std::size_t i = 0; i < one.size(); ++i) mean[i] += one[i] / 5.0;
  }
  options.checkpoints = checkpoints;
  for (const std::int64_t size : {1, 3, 7}) {  // 3 leaves a batch of one
    options.batch_size = size;
    CHECK(predictions() == approx(mean).within(0, 1e-6));
  }
  const hdf5::File file(options.output);
  std::string names;
  for (const fs::path& checkpoint : checkpoints)
    names += (names.empty() ? "" : "\n") + checkpoint.string();
  CHECK(file.attribute<std::string>("predictions", "checkpoint") == names);
}

TEST_CASE("a NaN of one network is one of the mean, and is told") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Constants f("CrossEntropyLoss", {{0, 0, 1}, {0, nan, 0}});
  std::string notes;
  infer(f.options, test::go_on, [&](const std::string& line) { notes += line; });
  CHECK(notes.find("run1/checkpoints/changed.h5: /parameters/last/bias: holds NaN") !=
        std::string::npos);
  for (const float value : f.predictions(Activation::kNone)) CHECK(std::isnan(value));
}

}  // namespace lucid
