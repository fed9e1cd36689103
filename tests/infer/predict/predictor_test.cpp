#include "infer/predict/predictor.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/parse.h"
#include "store/checkpoint.h"
#include "support/experiment.h"
#include "support/from_text.h"

namespace lucid::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinite = std::numeric_limits<float>::infinity();

// A trained network whose ReLUs are fused into oneDNN's products.
struct PredictorFixture {
  PredictorFixture() {
    experiment.json["model"]["layers"] = parse_json(R"([
        {"type": "Conv3D", "out_channels": 4, "kernel_size": 3}, {"type": "BatchNorm3D"},
        {"type": "ReLU"}, {"type": "Conv3D", "out_channels": 5, "kernel_size": 2}, {"type": "ReLU"},
        {"type": "Linear", "out_features": 6}, {"type": "ReLU"},
        {"type": "Linear", "out_features": 3}])",
                                                    "layers");
    experiment.train("run");
  }

  // Writes the checkpoint again with another element in the middle of a parameter.
  std::filesystem::path with(const std::string& parameter, float value) const {
    const CheckpointFile checkpoint(experiment.last("run"));
    const Json config = checkpoint.config();
    Engine engine(1);
    Model model(from_json(config["model"], "/model", [](JsonObject& o) { return read_graph(o); }),
                engine, 9);
    checkpoint.load_parameters(model);
    Tensor& tensor = model.parameters().at(parameter).value;
    std::vector<float> values = tensor.plain_values(engine);
    values[values.size() / 2] = value;
    tensor.assign(engine, values);
    const std::filesystem::path path = experiment / "spoilt.h5";
    save_checkpoint(path, model, config, {});
    return path;
  }

  static Predictor predictor(const std::filesystem::path& checkpoint) {
    return {{checkpoint}, read_trained_config(checkpoint), {.batch_size = 2, .threads = 1}};
  }

  Experiment experiment;
};

std::vector<float> samples(float value) { return std::vector<float>(2 * 216, value); }

bool has_non_finite(std::span<const float> values) {
  return std::ranges::any_of(values, [](float value) { return !std::isfinite(value); });
}

}  // namespace

TEST_CASE("a parameter that is not finite reaches the predictions through fused ReLUs") {
  const PredictorFixture f;
  for (const std::string name :
       {"conv3d_1/weight", "conv3d_1/bias", "batchnorm3d_1/weight", "batchnorm3d_1/bias",
        "batchnorm3d_1/running_mean", "batchnorm3d_1/running_var", "conv3d_2/weight",
        "conv3d_2/bias", "linear_1/weight", "linear_1/bias", "linear_2/weight", "linear_2/bias"}) {
    CAPTURE(name);
    Predictor predictor = f.predictor(f.with(name, kNan));
    CHECK(predictor.warning() ==
          (f.experiment / "spoilt.h5").string() + ": /parameters/" + name +
              ": holds NaN or infinite values, and so may predictions; take another checkpoint");
    CHECK(has_non_finite(predictor.predict(samples(0.5F), 2)));
  }
}

TEST_CASE("a variance below 0 makes predictions NaN, an infinite parameter is noticed") {
  const PredictorFixture f;
  Predictor below = f.predictor(f.with("batchnorm3d_1/running_var", -1));
  CHECK(has_non_finite(below.predict(samples(0.5F), 2)));
  CHECK_FALSE(below.was_finite());
  for (const float value : {kInfinite, -kInfinite})
    CHECK_FALSE(f.predictor(f.with("linear_1/bias", value)).warning().empty());
}

TEST_CASE("data that are not finite make predictions that are not, others do not") {
  const PredictorFixture f;
  Predictor predictor = f.predictor(f.experiment.last("run"));
  CHECK_FALSE(has_non_finite(predictor.predict(samples(1e6F), 2)));
  CHECK(predictor.was_finite());
  CHECK(predictor.warning().empty());
  for (const float value : {kNan, kInfinite, -kInfinite})
    CHECK(has_non_finite(f.predictor(f.experiment.last("run")).predict(samples(value), 2)));
}

}  // namespace lucid::test
