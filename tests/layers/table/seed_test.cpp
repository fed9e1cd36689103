#include <doctest/doctest.h>

#include <numeric>

#include "layers/table/compiled_case.h"
#include "support/approx.h"
#include "support/is_reference.h"

// The examples of the page that the project started from (lucid.nn.Conv3D), with its arithmetic put
// right. All numbers are small integers, which float sums hold exactly.
namespace lucid::test {
namespace {

std::vector<float> counting(float first, std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

const std::string kNetwork = R"([
  {"type": "Conv3D", "name": "conv1", "in_channels": 1, "out_channels": 8, "kernel_size": 3, "padding": 1},
  {"type": "ReLU"},
  {"type": "Conv3D", "name": "conv2", "in_channels": 8, "out_channels": 16, "kernel_size": 3},
  {"type": "ReLU"},
  {"type": "MaxPool3D", "name": "pool", "kernel_size": 2, "stride": 2},
  {"type": "Linear", "name": "fc", "in_features": 1024, "out_features": 10}])";

}  // namespace

// The page prints 1 2 3 4 1 2 3 4 for the weight's gradient; it is the input, 1 to 8.
TEST_CASE("the first example of the seed: 204, and each gradient is the other factor") {
  CompiledCase example(
      case_of({1, 1, 2, 2, 2},
              R"([{"type": "Conv3D", "out_channels": 1, "kernel_size": 2, "bias": false}])"),
      kTraining);
  example.set("input", counting(1, 8));
  example.set("conv3d_1/weight", counting(1, 8));
  CHECK(example.forward() == approx({204}));
  example.backward_of_ones();
  CHECK(example.plan.input_gradient().values() == approx(counting(1, 8)));
  CHECK(example.gradient("conv3d_1/weight") == approx(counting(1, 8)));
}

TEST_CASE("the gradient of the first example takes any output gradient") {
  CompiledCase example(
      case_of({1, 1, 2, 2, 2},
              R"([{"type": "Conv3D", "out_channels": 1, "kernel_size": 2, "bias": false}])"),
      kTraining);
  example.set("input", counting(1, 8));
  example.set("conv3d_1/weight", counting(1, 8));
  example.forward();
  example.plan.output_gradient().values()[0] = -3;
  example.backward();
  CHECK(example.plan.input_gradient().values() == approx({-3, -6, -9, -12, -15, -18, -21, -24}));
}

// The page calls the literals (2, 2, 3, 3, 3) and (2, 2, 2, 2, 2); they hold 36 and 16 numbers, so
// the input is (2, 1, 2, 3, 3) and the weight (2, 1, 2, 2, 2).
TEST_CASE("the batch example of the seed, with bias") {
  CompiledCase example(
      case_of({2, 1, 2, 3, 3}, R"([{"type": "Conv3D", "out_channels": 2, "kernel_size": 2}])"),
      kTraining);
  example.set("input", counting(1, 36));
  example.set("conv3d_1/weight", counting(1, 16));
  example.set("conv3d_1/bias", {17, 18});
  // One voxel to the right adds the sum of the weights, 36 or 100; a row down three times that.
  CHECK(example.forward() == approx({373, 409, 481, 517, 854, 954, 1154, 1254,  //
                                     1021, 1057, 1129, 1165, 2654, 2754, 2954, 3054}));
  example.backward_of_ones();
  CHECK(example.gradient("conv3d_1/weight") ==
        approx({96, 104, 120, 128, 168, 176, 192, 200, 96, 104, 120, 128, 168, 176, 192, 200}));
  CHECK(example.gradient("conv3d_1/bias") == approx({8, 8}));
  const std::vector<float> of_a_sample = {10, 22, 12, 24, 52, 28, 14, 30, 16,
                                          18, 38, 20, 40, 84, 44, 22, 46, 24};
  std::vector<float> expected = of_a_sample;
  expected.insert(expected.end(), of_a_sample.begin(), of_a_sample.end());
  CHECK(example.plan.input_gradient().values() == approx(expected));
}

TEST_CASE("the seed's network has the shapes that its Linear asks for, and 13,946 parameters") {
  Engine engine;
  Model model(graph_of(model_of(case_of({1, 1, 10, 10, 10}, kNetwork))), engine, 1);
  std::vector<std::string> shapes;
  for (const Node& node : model.graph().nodes())
    shapes.push_back(node.name + " " + node.shape.str());
  CHECK(shapes == std::vector<std::string>{"conv1 8x10x10x10", "relu_1 8x10x10x10",
                                           "conv2 16x8x8x8", "relu_2 16x8x8x8", "pool 16x4x4x4",
                                           "fc 10"});
  CHECK(model.parameters().element_count() == 13946);
}

TEST_CASE("no step of the seed's network runs oneDNN's reference code") {
  for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
    CompiledCase network(case_of({4, 1, 10, 10, 10}, kNetwork), {.mode = mode});
    for (const StepReport& step : network.plan.report()) {
      INFO(step.node, ": ", step.what, " [", step.implementation, "]");
      CHECK_FALSE(is_reference(step.implementation));
    }
  }
}

TEST_CASE("the seed's network refuses the 3x3x3 input that the page prints") {
  CHECK_THROWS_WITH_AS(
      graph_of(model_of(case_of({1, 1, 3, 3, 3}, kNetwork))),
      "model.json: /layers/4: layer 'pool' (MaxPool3D): a window of 2x2x2 voxels does not fit the "
      "padded input of 1x1x1: the output would be empty; nearest sizes that fit: d 10, h 10, w 10",
      Error);
}

}  // namespace lucid::test
