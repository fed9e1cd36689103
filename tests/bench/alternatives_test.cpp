#include "bench/alternatives.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/temp_dir.h"
#include "tensor/onednn.h"

namespace lucid {
namespace {

constexpr const char* kTwoConvolutions =
    R"({"model": {"input": {"channels": 1, "size": [4, 4, 40]}, "layers": [
    {"type": "Conv3D", "out_channels": 8, "kernel_size": 3, "padding": 1}, {"type": "ReLU"},
    {"type": "Conv3D", "name": "last", "out_channels": 8, "kernel_size": 3, "padding": 1},
    {"type": "ConvTranspose3D", "name": "up", "out_channels": 4, "kernel_size": 2, "stride": 2}]},
  "loss": {"type": "MSELoss"}, "optimizer": {"type": "SGD", "lr": 0.1}})";

}  // namespace

TEST_CASE("every pass of every convolution is timed by every possible route") {
  const test::TempDir folder;
  Engine engine(1);
  const auto all = measure_alternatives(folder.write("a.json", kTwoConvolutions), engine,
                                        {.repetition = {.repeats = 2, .seconds = 0}},
                                        {"", "", {{"AVX2", 1e11}}, {1e10, 5e9}});
  std::vector<std::string> passes;
  for (const AlternativesFigures& row : all)
    passes.push_back(row.layer + ": " + std::string(pass_name(row.pass)));
  CHECK(passes == std::vector<std::string>{"conv3d_1: forward", "last: forward", "up: forward",
                                           "up: weight gradient", "up: input gradient",
                                           "last: weight gradient", "last: input gradient",
                                           "conv3d_1: weight gradient"});
  for (const AlternativesFigures& row : all) {
    CAPTURE(row.layer);
    CHECK_FALSE(row.chosen.empty());
    std::size_t possible = 0;
    for (const RouteFigures& route : row.routes) {
      CAPTURE(route.route);
      CHECK((route.seconds > 0) == route.why_not.empty());
      possible += route.why_not.empty() ? 1 : 0;
    }
    CHECK(possible >= 1);
  }
}

TEST_CASE("a route that is left to another is named behind it") {
  const test::TempDir folder;
  Engine engine(1);
  const auto all = measure_alternatives(folder.write("a.json", kTwoConvolutions), engine,
                                        {.repetition = {.repeats = 2, .seconds = 0}},
                                        {"", "", {{"AVX2", 1e11}}, {1e10, 5e9}});
  for (const AlternativesFigures& row : all)
    if (row.layer == "up" && row.pass == Pass::kWeightGradient)
      CHECK(row.chosen.starts_with("subpixel > "));
}

TEST_CASE("the next best route of a pass stands at its largest step") {
  const std::vector<AlternativesFigures> rows = {{"conv",
                                                  Pass::kForward,
                                                  "subpixel > winograd",
                                                  {{"winograd", "", 0.3, 0.001},
                                                   {"small_channel", "no tile", 1000, 0},
                                                   {"blocked_gradient", "", 0.6, 0.005},
                                                   {"onednn", "", 1, 0.003}},
                                                  0.002}};
  REQUIRE(rows[0].next_best() != nullptr);
  CHECK(rows[0].next_best()->route == "onednn");
  LayersFigures layers{Mode::kTrain, 1, {}};
  for (const double flops : {0.0, 1e9}) {
    StepReport step;
    step.node = "conv";
    step.pass = Pass::kForward;
    step.route = "subpixel";
    step.flops = flops;
    step.seconds = 0.001;
    layers.steps.push_back({step, 1, false, {}});
  }
  add_next_best(rows, layers);
  CHECK_FALSE(layers.steps[0].next_best);
  REQUIRE(layers.steps[1].next_best);
  CHECK(layers.steps[1].next_best->ratio() == doctest::Approx(1.5));
  CHECK(layers_table(layers).find("onednn 3.000 ms, 1.50x") != std::string::npos);
  CHECK(layers_json(std::vector{layers})["train"]["steps"][1]["next_best"]["route"] == "onednn");
}

TEST_CASE("a table of alternatives names a layer and its pass once") {
  const std::vector<AlternativesFigures> rows = {
      {"conv",
       Pass::kWeightGradient,
       "small_channel",
       {{"winograd", "no ungrouped kernel of 3x3", 0, 0},
        {"small_channel", "", 0.3, 0.001},
        {"onednn", "", 1, 0.0045}}},
      {"last", Pass::kForward, "onednn", {{"onednn", "", 1, 0.003}}}};
  CHECK(alternatives_table(rows) ==
        "layer  pass             chosen         route          cost     ms\n"
        "conv   weight gradient  small_channel  winograd                    no ungrouped kernel of "
        "3x3\n"
        "                                       small_channel   0.3  1.000\n"
        "                                       onednn            1  4.500\n"
        "last   forward          onednn         onednn            1  3.000\n");
  const Json json = alternatives_json(rows);
  CHECK(json[0]["pass"] == "weight gradient");
  CHECK(json[0]["routes"][0]["why_not"] == "no ungrouped kernel of 3x3");
  CHECK(json[0]["routes"][1]["ms"] == doctest::Approx(1));
  CHECK(json[1]["chosen"] == "onednn");
}

}  // namespace lucid
