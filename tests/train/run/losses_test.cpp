#include <doctest/doctest.h>

#include "support/approx.h"
#include "support/experiment.h"
#include "support/golden.h"

namespace lucid {

// The network uses many layers for twenty steps. Machines differ in the order of their sums, and
// the differences grow with the steps.
TEST_CASE("the losses of a fixed run are what they were") {
  test::Experiment experiment;
  experiment.json["seed"] = 42;
  experiment.json["model"]["layers"] = parse_json(R"([
    {"type": "Conv3D", "out_channels": 5, "kernel_size": 3, "padding": "same"},
    {"type": "ReLU"},
    {"type": "Conv3D", "out_channels": 8, "kernel_size": [3, 2, 1], "stride": [1, 2, 1]},
    {"type": "MaxPool3D", "kernel_size": 2},
    {"type": "Flatten"},
    {"type": "Linear", "out_features": 8},
    {"type": "ReLU"},
    {"type": "Linear", "out_features": 3}
  ])",
                                                  "layers");
  experiment.json["data"]["normalize"] = "auto";
  experiment.json["scheduler"] = {{"type", "CosineAnnealingLR"}};
  experiment.json["train"]["epochs"] = 7;
  experiment.json["train"]["max_steps"] = 20;
  experiment.train("run");
  std::vector<double> losses;
  for (const Json& event : experiment.metrics("run", "step")) losses.push_back(event["loss"]);
  INFO(json_text(Json(losses)));
  CHECK(losses == test::approx(test::doubles(test::read_golden("losses.json"))).within(1e-4, 1e-5));
}

}  // namespace lucid
