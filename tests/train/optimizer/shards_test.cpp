#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/loader/shard.h"
#include "support/approx.h"
#include "support/experiment.h"
#include "support/storm_experiments.h"
#include "train/optimizer/gradient_sum.h"

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
  Engine engine;
  Parameters parameters;
  parameters.add(engine, "layer", {"weight", {1}}, 1);
  Parameter& parameter = parameters.at("layer/weight");
  parameter.gradient = Tensor(engine, parameter.value.layout());
  GradientSum sum;
  const auto sum_of = [&](const std::vector<float>& shards) {
    for (std::size_t i = 0; i < shards.size(); ++i) {
      parameter.gradient.assign(engine, std::vector<float>{shards[i]});
      if (i + 1 < shards.size()) sum.add(engine, parameters);
    }
    sum.finish(parameters);
    return parameter.gradient.plain_values(engine)[0];
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
