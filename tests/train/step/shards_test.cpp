#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/loader/shard.h"
#include "support/approx.h"
#include "support/experiment.h"
#include "support/storm_experiments.h"
#include "train/step/gradient_sum.h"

namespace lucid::test {
namespace {

std::vector<double> losses(const Experiment& experiment, const std::string& run) {
  std::vector<double> found;
  for (const Json& event : experiment.metrics(run, "step")) found.push_back(event["loss"]);
  return found;
}

}  // namespace

TEST_CASE("a batch is divided into shards side by side, whose sizes differ by one at most") {
  Batch batch;
  batch.size = 7;
  for (int i = 0; i < 14; ++i) batch.samples.push_back(static_cast<float>(i));
  for (int i = 0; i < 7; ++i) batch.targets.push_back(static_cast<float>(i));
  CHECK(shard_count(7, 3) == 3);
  CHECK(shard_size(7, 3) == 3);
  CHECK(shard_count(2, 3) == 2);
  std::vector<float> samples, targets;
  for (std::size_t i = 0; i < 3; ++i) {
    const Shard shard = shard_of(batch, 3, i);
    CHECK(shard.size == (i < 2 ? 2 : 3));
    CHECK(shard.samples.size() == 2 * shard.size);
    samples.insert(samples.end(), shard.samples.begin(), shard.samples.end());
    targets.insert(targets.end(), shard.targets.begin(), shard.targets.end());
  }
  CHECK(samples == batch.samples);
  CHECK(targets == batch.targets);
}

TEST_CASE("gradients of shards are added as a tree") {
  // In float32 the order shows: 2^24 + 1 is 2^24.
  constexpr float kLarge = 16777216;
  GradientSum sum;
  const auto sum_of = [&](const std::vector<float>& shards) {
    float gradient = 0;
    sum.begin(1);
    for (std::size_t i = 0; i < shards.size(); ++i) {
      gradient = shards[i];
      if (i + 1 < shards.size())
        sum.add({&gradient, 1}, 0, i);
      else
        sum.finish({&gradient, 1}, 0, i);
    }
    return gradient;
  };
  CHECK(sum_of({kLarge, 1, 1, 1}) == (kLarge + 1) + (1.F + 1.F));
  CHECK(sum_of({1, 1, kLarge, 1, 1}) == ((1.F + 1.F) + (kLarge + 1)) + 1);
  CHECK(sum_of({kLarge, 1, 1, 1, 1, 1, 1}) == ((kLarge + 1) + (1.F + 1.F)) + ((1.F + 1.F) + 1.F));
  CHECK(GradientSum::levels(1) == 0);
  CHECK(GradientSum::levels(2) == 1);
  CHECK(GradientSum::levels(5) == 3);
}

TEST_CASE("a batch in shards trains as the whole batch") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 3;
  for (const int shards : {2, 3, 40}) {  // batches of 5, 5 and 2 samples
    CAPTURE(shards);
    experiment.json["train"]["shards"] = 1;
    experiment.train("whole");
    experiment.json["train"]["shards"] = shards;
    experiment.train("parts");
    CHECK(losses(experiment, "parts") == approx(losses(experiment, "whole")).within(1e-5));
  }
  CHECK(experiment.saved_config("parts")["train"]["shards"] == 40);
}

TEST_CASE("a batch in shards whose norms synchronize trains as the whole batch") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 3;
  experiment.json["model"] = parse_json(R"({
    "input": {"channels": 1, "size": 6},
    "layers": [{"type": "Conv3D", "out_channels": 8, "kernel_size": 3, "padding": 1},
               {"type": "BatchNorm3D", "name": "norm", "sync": true}, {"type": "ReLU"},
               {"type": "MaxPool3D", "kernel_size": 2},
               {"type": "Conv3D", "out_channels": 9, "kernel_size": 3, "padding": 1},
               {"type": "BatchNorm3D", "name": "second", "sync": true, "affine": false},
               {"type": "LeakyReLU"}, {"type": "Linear", "out_features": 3}]})",
                                        "model");
  const auto statistics = [&](const std::string& run) {
    const Snapshot last = snapshot(experiment.last(run));
    std::vector<double> all;
    for (const char* name : {"norm/running_mean", "norm/running_var", "second/running_var"})
      for (const float value : last.arrays.at(std::string("parameters/") + name))
        all.push_back(value);
    return all;
  };
  experiment.train("whole");
  for (const int shards : {2, 3, 5}) {  // batches of 5, 5 and 2 samples
    CAPTURE(shards);
    experiment.json["train"]["shards"] = shards;
    experiment.train("parts");
    CHECK(losses(experiment, "parts") == approx(losses(experiment, "whole")).within(1e-5));
    CHECK(statistics("parts") == approx(statistics("whole")).within(1e-4, 1e-6));
  }
  for (Json& layer : experiment.json["model"]["layers"])
    if (layer.contains("sync")) layer["sync"] = false;
  experiment.json["train"]["shards"] = 1;
  experiment.train("own");
  CHECK(snapshot(experiment.last("own")) == snapshot(experiment.last("whole")));
  experiment.json["train"]["shards"] = 3;
  experiment.train("parts");
  CHECK_FALSE(losses(experiment, "parts") == approx(losses(experiment, "own")).within(1e-3));
}

TEST_CASE("a run in shards that is stopped and resumed gives the same bits") {
  Experiment experiment;
  use_everything(experiment);
  experiment.json["train"]["shards"] = 3;
  experiment.train("straight");
  experiment.train("stopped", stop_after(3));
  experiment.resume("stopped", {});
  CHECK(snapshot(experiment.last("stopped")) == snapshot(experiment.last("straight")));
  experiment.json["train"]["shards"] = 2;
  experiment.train("others");
  CHECK_FALSE(snapshot(experiment.last("others")) == snapshot(experiment.last("straight")));
}

}  // namespace lucid::test
