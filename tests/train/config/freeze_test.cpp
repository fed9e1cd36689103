#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/experiment.h"
#include "support/from_text.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// The network has two convolutions before the Linear.
struct DeepExperiment : Experiment {
  DeepExperiment() {
    json["optimizer"] = {{"type", "AdamW"}, {"lr", 0.01}};
    json["model"]["layers"] = parse_json(R"([
        {"type": "Conv3D", "name": "enc1", "out_channels": 4, "kernel_size": 3},
        {"type": "Conv3D", "name": "enc2", "out_channels": 4, "kernel_size": 3},
        {"type": "Linear", "name": "head", "out_features": 3}])",
                                         "");
  }
};

// Returns the steps of the backward pass, as "layer: what".
std::vector<std::string> way_back(const Experiment& experiment) {
  Session session(experiment.config(), 1);
  std::vector<std::string> steps;
  for (const StepReport& step : session.model().plan(Mode::kTrain, 5).report())
    if (step.is_backward && step.what.ends_with("gradient"))
      steps.push_back(step.node + ": " + step.what);
  return steps;
}

std::vector<std::string> changed(Experiment& experiment) {
  experiment.train("run");
  const auto trained = snapshot(experiment.last("run"));
  DeepExperiment initial;
  initial.json["train"]["epochs"] = 0;
  initial.train("run");
  std::vector<std::string> names;
  for (const auto& [name, values] : snapshot(initial.last("run")).arrays)
    if (name.starts_with("parameters/") && trained.arrays.at(name) != values)
      names.push_back(name.substr(11));
  return names;
}

}  // namespace

TEST_CASE("frozen layers do not change, and the way back ends before them") {
  DeepExperiment experiment;
  using Names = std::vector<std::string>;
  CHECK(changed(experiment) ==
        Names{"enc1/bias", "enc1/weight", "enc2/bias", "enc2/weight", "head/bias", "head/weight"});
  experiment.json["train"]["freeze"] = {"enc*"};
  CHECK(changed(experiment) == Names{"head/bias", "head/weight"});
  CHECK(way_back(experiment) == Names{"head: linear weight gradient"});
  for (const auto& array : snapshot(experiment.last("run")).arrays)
    CHECK_FALSE(array.first.starts_with("state/optimizer/enc"));
}

TEST_CASE("a frozen layer hands its gradient back to those before it") {
  DeepExperiment experiment;
  using Names = std::vector<std::string>;
  experiment.json["train"]["freeze"] = {"enc2", "head"};
  CHECK(way_back(experiment) == Names{"head: linear input gradient",
                                      "enc2: convolution input gradient",
                                      "enc1: convolution weight gradient"});
  CHECK(changed(experiment) == Names{"enc1/bias", "enc1/weight"});
}

TEST_CASE("a bias may learn beside a frozen weight, and the other way round") {
  DeepExperiment experiment;
  using Names = std::vector<std::string>;
  experiment.json["train"]["freeze"] = {"*/weight"};
  CHECK(changed(experiment) == Names{"enc1/bias", "enc2/bias", "head/bias"});
  experiment.json["train"]["freeze"] = "norms_and_biases";
  CHECK(changed(experiment) == Names{"enc1/weight", "enc2/weight", "head/weight"});
}

TEST_CASE("the gradients of what is not frozen are those of a run without freezing") {
  DeepExperiment experiment;
  experiment.json["train"]["epochs"] = 1;
  experiment.json["train"]["max_steps"] = 1;
  experiment.train("free");
  experiment.json["train"]["freeze"] = {"enc1/*", "*/bias"};
  experiment.train("frozen");
  const auto free = snapshot(experiment.last("free")), frozen = snapshot(experiment.last("frozen"));
  for (const char* name : {"parameters/enc2/weight", "parameters/head/weight"})
    CHECK(free.arrays.at(name) == frozen.arrays.at(name));
}

TEST_CASE("a network that is frozen whole is validated and stays what it is") {
  DeepExperiment experiment;
  experiment.json["train"]["freeze"] = {"*"};
  experiment.json["train"]["ema"] = {{"decay", 0.5}};
  CHECK(changed(experiment).empty());
  CHECK(experiment.metrics("run", "epoch").size() == 2);
}
