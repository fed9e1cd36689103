#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "planning/experiment/unet_model.h"
#include "planning/rules/plan_rules.h"
#include "support/approx.h"
#include "support/golden.h"
#include "train/run/drawn_run.h"

// Compares planned U-Nets with residual encoders with PyTorch (golden/make_residual_unet.py).
namespace lucid::test {
namespace {

Unet unet_of(const Json& golden) {
  Unet unet{.channels = golden["channels"], .classes = golden["classes"], .convolutions = 1};
  unet.topology.patch = golden["patch"];
  for (const Json& stride : golden["strides"]) unet.topology.strides.push_back(stride);
  for (const Json& kernel : golden["kernels"]) unet.topology.kernels.push_back(kernel);
  golden["features"].get_to(unet.features);
  golden["blocks"].get_to(unet.blocks);
  return unet;
}

}  // namespace

TEST_CASE("a planned U-Net with a residual encoder computes and trains as PyTorch's") {
  const Json golden = read_golden("residual_unet.json")["network"];
  const UnetModel made = unet_model(unet_of(golden), true);
  for (const char* block : {"convolution", "residual", "residual_down", "residual_pool"})
    CHECK(made.model["blocks"].contains(block));
  const Json config{
      {"model", made.model}, {"loss", golden["loss"]}, {"optimizer", golden["optimizer"]}};
  const auto expected = golden["losses"].get<std::vector<double>>();
  const DrawnRun run = drawn_run(config, golden["batch"], expected.size());
  REQUIRE(made.heads == std::vector<std::string>{"classes", "classes2"});
  for (std::size_t head = 0; head < made.heads.size(); ++head) {
    CAPTURE(made.heads[head]);
    std::vector<float> some;
    for (std::size_t i = 0; i < run.outputs[head].size(); i += golden["every"].get<std::size_t>())
      some.push_back(run.outputs[head][i]);
    // Norms in single precision.
    CHECK(some == approx(floats(golden["outputs"][made.heads[head]])).within(1e-5, 1e-5));
  }
  const double worst = worst_relative(run.losses, expected);
  MESSAGE("worst relative difference of a loss: ", worst);
  CHECK(worst <= 1e-5);
}

TEST_CASE("plans of the residual presets have the parameters of PyTorch's networks") {
  const Json counts = read_golden("residual_unet.json")["parameters"];
  REQUIRE(counts.size() == 12);
  const Json sets = read_golden("planning.json");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    CAPTURE(counts[i]["set"].get<std::string>());
    const Json& set = sets[i / 3];
    const Json& plan = set["residual"][i % 3];
    REQUIRE(set["name"] == counts[i]["set"]);
    REQUIRE(plan["memory"] == counts[i]["memory"]);
    Json golden = plan["full"];
    golden["channels"] = set["channels"];
    golden["classes"] = set["classes"];
    CHECK(unet_cost(unet_of(golden)).parameters == counts[i]["parameters"].get<double>());
  }
}

}  // namespace lucid::test
