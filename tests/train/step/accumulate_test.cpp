#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "support/approx.h"
#include "support/experiment.h"
#include "support/from_text.h"
#include "train/step/gradient_sum.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::vector<double> losses(const Experiment& experiment, const std::string& run) {
  std::vector<double> found;
  for (const Json& event : experiment.metrics(run, "step")) found.push_back(event["loss"]);
  return found;
}

std::vector<float> weights(const Experiment& experiment, const std::string& run) {
  const auto arrays = snapshot(experiment.last(run)).arrays;
  std::vector<float> all;
  for (const char* name : {"conv3d_1/weight", "conv3d_1/bias", "linear_1/weight", "linear_1/bias"})
    for (const float value : arrays.at(std::string("parameters/") + name)) all.push_back(value);
  return all;
}

}  // namespace

TEST_CASE("gradients of several batches are added, any range of them ahead of the others") {
  GradientSum sum;
  for (int step = 0; step < 2; ++step) {  // the second step starts from nothing
    sum.begin(3);
    std::vector<float> first{3, -3, 1}, second{6, 0, 2}, last{1, 1, 4};
    sum.add(first, 0, 0);
    sum.add(std::span(second).first(1), 0, 1);
    sum.finish(std::span(last).first(1), 0, 2);
    sum.add(std::span(second).subspan(1), 1, 1);
    sum.finish(std::span(last).subspan(1), 1, 2);
    CHECK(last == std::vector<float>{10, -2, 7});
  }
  std::vector<float> only{0.1F, 7, 1};
  sum.finish(only, 0, 0);
  CHECK(only == std::vector<float>{0.1F, 7, 1});
}

TEST_CASE("accumulated batches train as one batch of all their samples") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 3;
  for (const int whole : {4, 12}) {  // 12 samples: 3 steps an epoch, and 1
    CAPTURE(whole);
    experiment.json["data"]["batch_size"] = whole;
    experiment.json["train"]["accumulate"] = 1;
    experiment.train("whole");
    experiment.json["data"]["batch_size"] = 2;
    experiment.json["train"]["accumulate"] = whole / 2;
    experiment.train("parts");
    CHECK(losses(experiment, "parts") == approx(losses(experiment, "whole")).within(1e-5));
    const std::vector<float> wanted = weights(experiment, "whole");
    CHECK(weights(experiment, "parts") ==
          approx(std::vector<double>(wanted.begin(), wanted.end())).within(1e-4, 1e-6));
  }
}

TEST_CASE("the last step of an epoch may have fewer batches, and a smaller one") {
  Experiment experiment;  // batches of 5, 5 and 2
  experiment.json["train"]["accumulate"] = 2;
  const EndEvent end = experiment.train("run");
  CHECK(end.step == 4);
  CHECK(losses(experiment, "run").size() == 4);
  experiment.json["train"]["accumulate"] = 5;
  CHECK(experiment.train("all").step == 2);
  experiment.json["data"]["batch_size"] = 12;
  experiment.json["train"]["accumulate"] = 1;
  experiment.train("whole");
  CHECK(losses(experiment, "all") == approx(losses(experiment, "whole")).within(1e-5));
}

TEST_CASE("steps of logs, max_steps and schedules are the optimizer's") {
  Experiment experiment;
  experiment.json["train"]["accumulate"] = 2;
  experiment.json["train"]["max_steps"] = 3;
  experiment.json["scheduler"] = {{"type", "ExponentialLR"}, {"gamma", 0.5}, {"unit", "step"}};
  CHECK(experiment.train("run").step == 3);
  std::vector<double> rates;
  for (const Json& event : experiment.metrics("run", "step")) rates.push_back(event["lr"]);
  CHECK(rates == std::vector<double>{0.05, 0.025, 0.0125});
  const auto epochs = experiment.metrics("run", "epoch");
  CHECK(epochs[0]["lr"] == 0.025);
  CHECK(epochs[1]["step"] == 3);
  // max_steps stops the run after two batches of the second epoch.
  CHECK(snapshot(experiment.last("run")).integers.at("batch") == 2);
}

TEST_CASE("an epoch's loss with accumulation is the mean over its samples") {
  Experiment experiment;
  experiment.json["optimizer"] = {{"type", "SGD"}, {"lr", 0}};
  experiment.json["data"]["shuffle"] = false;
  experiment.train("single");
  experiment.json["train"]["accumulate"] = 2;
  experiment.train("double");
  const auto loss = [&](const char* run) {
    return experiment.metrics(run, "epoch")[0]["train"]["loss"].get<double>();
  };
  CHECK(loss("single") == loss("double"));
  const auto parts = losses(experiment, "single"), sums = losses(experiment, "double");
  CHECK(sums[0] == doctest::Approx((parts[0] + parts[1]) / 2).epsilon(1e-6));
  CHECK(sums[1] == parts[2]);
}

TEST_CASE("a run that accumulates is saved between steps alone") {
  Experiment experiment;
  experiment.json["train"]["accumulate"] = 2;
  experiment.json["train"]["checkpoint_every"] = {{"minutes", 1e-12}};
  std::set<std::int64_t> batches;
  experiment.train("run", [&] {
    batches.insert(snapshot(experiment.last("run")).integers.at("batch"));
    return false;
  });
  CHECK(batches == std::set<std::int64_t>{0, 2, 3});
}

TEST_CASE("a step has at least one batch") {
  Experiment experiment;
  experiment.json["train"]["accumulate"] = 0;
  CHECK(error_of([&] { experiment.config(); }) ==
        "2: a.json: /train/accumulate: expected an integer from 1 to 1099511627776, found 0");
}
