#include "plan/plan.h"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "layers/table/compiled_case.h"

namespace lucid {
namespace {

// As many pools as wanted, which keep the size: each wants a buffer for its output.
Graph chain(int length) {
  Json layers = Json::array();
  for (int i = 0; i < length; ++i)
    layers.push_back({{"type", "MaxPool3D"}, {"kernel_size", 3}, {"stride", 1}, {"padding", 1}});
  return test::graph_of({{"input", {{"channels", 1}, {"size", 16}}}, {"layers", layers}});
}

constexpr std::size_t kBuffer = 16 * 16 * 16 * sizeof(float);

Graph two_layers() {
  return test::graph_of(parse_json(R"({"input": {"channels": 1, "size": 4}, "layers": [
    {"type": "Conv3D", "name": "a", "out_channels": 2, "kernel_size": 3},
    {"type": "Linear", "name": "b", "out_features": 2}, {"type": "ReLU"},
    {"type": "Linear", "name": "c", "out_features": 1}]})",
                                   "a.json"));
}

}  // namespace

TEST_CASE("buffers of a plan share memory once nobody needs them") {
  Engine engine(1);
  Model model(chain(8), engine, 1);
  CHECK(model.plan(Mode::kInfer, 1).arena_bytes() == 2 * kBuffer);
  CHECK(model.plan(Mode::kInfer, 3).arena_bytes() == 6 * kBuffer);
}

TEST_CASE("a plan's memory is its arena, inputs, outputs and scratchpad") {
  Engine engine(1);
  Model model(chain(1), engine, 1);
  Plan& plan = model.plan(Mode::kInfer, 1);
  CHECK(plan.arena_bytes() == 0);
  CHECK(plan.memory_bytes() == 2 * kBuffer);
}

TEST_CASE("explain tells every step with its implementation") {
  Engine engine(1);
  Model model(chain(2), engine, 1);
  CHECK(model.plan(Mode::kInfer, 1).explain() ==
        "forward  maxpool3d_1: max pool [lucid:max_pool] 1x1x16x16x16 abcde, 1x1x16x16x16 abcde, "
        "0.03 MB\n"
        "forward  maxpool3d_2: max pool [lucid:max_pool] 1x1x16x16x16 abcde, 1x1x16x16x16 abcde, "
        "0.03 MB\n");
}

TEST_CASE("steps are timed from the moment they are measured") {
  Engine engine(1);
  Model model(chain(2), engine, 1);
  Plan& plan = model.plan(Mode::kInfer, 1);
  plan.forward();
  for (const StepReport& step : plan.report()) CHECK(step.seconds == 0);
  plan.measure();
  plan.forward();
  for (const StepReport& step : plan.report()) CHECK(step.seconds > 0);
}

TEST_CASE("what is written where it was read counts as read") {
  Engine engine(1);
  Model model(test::graph_of(parse_json(R"({"input": {"channels": 1, "size": 16}, "layers": [
      {"type": "InstanceNorm3D", "affine": true}, {"type": "Sigmoid"}, {"type": "MaxPool3D", "kernel_size": 2}]})",
                                        "a.json")),
              engine, 1);
  std::map<std::string, StepReport> steps;
  for (StepReport& step : model.plan(Mode::kInfer, 1).report()) steps[step.node] = std::move(step);
  CHECK(steps.at("sigmoid_1").bytes_read == kBuffer);
  CHECK(steps.at("sigmoid_1").bytes_written == kBuffer);
  CHECK(steps.at("maxpool3d_1").bytes_read == kBuffer);
  CHECK(steps.at("maxpool3d_1").bytes_written == kBuffer / 8);
  CHECK(steps.at("maxpool3d_1").bytes() == kBuffer + kBuffer / 8);
  for (StepReport& step : model.plan(Mode::kTrain, 1).report())
    if (step.is_backward) steps[step.node] = std::move(step);
  CHECK(steps.at("sigmoid_1").bytes_read == 3 * kBuffer);  // y, dy, and dx in its place
  CHECK(steps.at("sigmoid_1").bytes_written == 0);
}

TEST_CASE("the first node that is not finite is named") {
  Engine engine(1);
  for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
    Model model(two_layers(), engine, 1);
    Plan& plan = model.plan(mode, 1);
    std::ranges::fill(plan.input().values(), 1.F);
    plan.forward();
    CHECK_FALSE(plan.first_non_finite_node());
    Parameter& bias = model.parameters().at("b/bias");
    bias.value.assign(engine, std::vector<float>{std::numeric_limits<float>::infinity(), 0});
    model.parameters().touch();
    CHECK(plan.first_non_finite_node() == "b");
  }
}

}  // namespace lucid
