#include "graph/model.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "layers/table/compiled_case.h"
#include "support/approx.h"

namespace lucid {
namespace {

using test::approx;

// The network has every type of layer, and channels that are no multiple of 8.
Graph small_graph() {
  return test::graph_of(parse_json(R"({
    "input": {"channels": 2, "size": [7, 6, 5]},
    "layers": [
      {"type": "Conv3D", "name": "first", "out_channels": 5, "kernel_size": 3},
      {"type": "ReLU"},
      {"type": "MaxPool3D", "kernel_size": 2, "padding": 1},
      {"type": "Conv3D", "name": "second", "out_channels": 5, "kernel_size": 1},
      {"type": "Flatten"},
      {"type": "Linear", "name": "last", "out_features": 3}
    ]})",
                                   "a.json"));
}

std::vector<float> samples(const Model& model, Shape::Extent count) {
  std::vector<float> values(model.graph().input_shape().with_batch(count).count());
  Rng rng(5, "samples");
  for (float& value : values) value = rng.uniform(-1, 1);
  return values;
}

std::vector<float> predict(Model& model, Mode mode, std::span<const float> input,
                           Shape::Extent batch) {
  Plan& plan = model.plan(mode, batch);
  std::ranges::copy(input, plan.input().values().begin());
  plan.forward();
  const auto output = plan.output().values();
  return {output.begin(), output.end()};
}

std::map<std::string, std::vector<float>> parameters_of(Model& model) {
  std::map<std::string, std::vector<float>> values;
  for (const Parameter& parameter : model.parameters())
    values[parameter.name] = parameter.value.plain_values(model.engine());
  return values;
}

// Multiplies each value by 1 + a hundredth of its place, in the parameter's own layout as an
// optimizer would.
void move_parameters(Model& model) {
  for (Parameter& parameter : model.parameters()) {
    auto plain = parameter.value.plain_values(model.engine());
    for (std::size_t i = 0; i < plain.size(); ++i) plain[i] *= 1 + 0.01F * static_cast<float>(i);
    parameter.value.assign(model.engine(), plain);
  }
  model.parameters().touch();
}

std::set<std::string> steps_of(const Plan& plan, const std::string& node) {
  std::set<std::string> steps;
  for (const StepReport& step : plan.report())
    if (step.node == node) steps.insert(step.what);
  return steps;
}

}  // namespace

TEST_CASE("a sample's prediction does not depend on its batch, nor on the mode") {
  Engine engine(1);
  Model model(small_graph(), engine, 1);
  const std::vector<float> input = samples(model, 10);
  const std::size_t sample = model.graph().input_shape().count();
  std::vector<float> expected;
  for (std::size_t i = 0; i < 10; ++i) {
    const auto one = predict(model, Mode::kInfer, std::span(input).subspan(i * sample, sample), 1);
    expected.insert(expected.end(), one.begin(), one.end());
  }
  for (const Mode mode : {Mode::kInfer, Mode::kTrain})
    for (const Shape::Extent batch : {2, 5}) {
      CAPTURE(batch);
      std::vector<float> found;
      const std::size_t size = static_cast<std::size_t>(batch) * sample;
      for (std::size_t at = 0; at < input.size(); at += size) {
        const auto some = predict(model, mode, std::span(input).subspan(at, size), batch);
        found.insert(found.end(), some.begin(), some.end());
      }
      CHECK(found == approx(expected).within(1e-5, 1e-6));
    }
}

TEST_CASE("plans compiled before parameters changed predict with the new ones") {
  Engine engine(1);
  Model model(small_graph(), engine, 1), fresh(small_graph(), engine, 1);
  for (Parameter& parameter : model.parameters())  // plans then have to pack them
    model.parameters().adopt(engine, parameter, parameter.value.layout());
  const std::vector<float> input = samples(model, 2);
  const auto before = predict(model, Mode::kInfer, input, 2);
  predict(model, Mode::kTrain, input, 2);
  move_parameters(model);
  move_parameters(fresh);
  const auto after = predict(model, Mode::kInfer, input, 2);
  CHECK_FALSE(after == approx(before).within(1e-3));
  CHECK(after == approx(predict(fresh, Mode::kInfer, input, 2)).within(1e-5, 1e-6));
  CHECK(predict(model, Mode::kTrain, input, 2) == approx(after).within(1e-5, 1e-6));
}

TEST_CASE("plans of several batch sizes share parameters and gradients") {
  Engine engine(1);
  Model model(small_graph(), engine, 1);
  const std::vector<float> input = samples(model, 2);
  const auto gradients = [&](Shape::Extent batch, std::span<const float> from) {
    predict(model, Mode::kTrain, from, batch);
    std::ranges::fill(model.plan(Mode::kTrain, batch).output_gradient().values(), 1.F);
    model.plan(Mode::kTrain, batch).backward();
    std::vector<float> all;
    for (const Parameter& parameter : model.parameters())
      for (const float value : parameter.gradient.plain_values(engine)) all.push_back(value);
    return all;
  };
  const auto both = gradients(2, input);
  auto sum = gradients(1, std::span(input).first(input.size() / 2));
  const auto second = gradients(1, std::span(input).last(input.size() / 2));
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += second[i];
  CHECK(sum == approx(both).within(1e-5, 1e-5));
}

TEST_CASE("initial parameters are a function of seed and name") {
  Engine engine(1);
  Model a(small_graph(), engine, 1), b(small_graph(), engine, 1), c(small_graph(), engine, 2);
  a.plan(Mode::kTrain, 4);
  b.plan(Mode::kInfer, 1);
  CHECK(parameters_of(a) == parameters_of(b));
  auto first = parameters_of(a), other = parameters_of(c);
  for (const auto& parameter : first) {
    CAPTURE(parameter.first);
    CHECK(parameter.second != other.at(parameter.first));
  }
  CHECK(first.at("first/bias") != first.at("second/bias"));
}

TEST_CASE("the first layer's input gradient is not computed") {
  Engine engine(1);
  Model model(small_graph(), engine, 1);
  const Plan& plan = model.plan(Mode::kTrain, 2);
  CHECK_FALSE(steps_of(plan, "first").contains("convolution input gradient"));
  CHECK(steps_of(plan, "first").contains("convolution weight gradient"));
  CHECK(steps_of(plan, "second").contains("convolution input gradient"));
  const Plan with_input = compile(model.graph(), model.parameters(), engine,
                                  {.mode = Mode::kTrain, .batch = 2, .input_gradient = true});
  CHECK(steps_of(with_input, "first").contains("convolution input gradient"));
}

TEST_CASE("nothing goes back beyond the first layer with parameters") {
  Engine engine(1);
  const Json json = parse_json(R"({"input": {"channels": 1, "size": 4}, "layers": [
    {"type": "MaxPool3D", "kernel_size": 2}, {"type": "ReLU"}, {"type": "Flatten"},
    {"type": "Linear", "out_features": 2}]})",
                               "a.json");
  Model model(test::graph_of(json), engine, 1);
  for (const StepReport& step : model.plan(Mode::kTrain, 1).report())
    if (step.is_backward) CHECK(step.node == "linear_1");
}

TEST_CASE("an inference plan has no way back") {
  Engine engine(1);
  Model model(small_graph(), engine, 1);
  for (const StepReport& step : model.plan(Mode::kInfer, 2).report()) CHECK_FALSE(step.is_backward);
  CHECK(model.plan(Mode::kInfer, 2).arena_bytes() < model.plan(Mode::kTrain, 2).arena_bytes());
}

TEST_CASE("networks that take turns in one workspace give the numbers that they give alone") {
  Engine engine(1);
  Model first(small_graph(), engine, 1), second(small_graph(), engine, 2);
  const std::vector<float> input = samples(first, 3);
  const auto of_first = predict(first, Mode::kInfer, input, 3);
  const auto of_second = predict(second, Mode::kInfer, input, 3);
  REQUIRE(of_first != of_second);
  Workspace workspace;
  Model third(small_graph(), engine, 1), fourth(small_graph(), engine, 2);
  third.work_in(workspace);
  fourth.work_in(workspace);
  for (int turn = 0; turn < 2; ++turn) {
    CHECK(predict(third, Mode::kInfer, input, 3) == of_first);
    CHECK(predict(fourth, Mode::kInfer, input, 3) == of_second);
  }
  CHECK(workspace.bytes() == first.plan(Mode::kInfer, 3).arena_bytes());
  // A larger batch takes a larger block, and what was compiled before keeps its own.
  const std::vector<float> more = samples(first, 7);
  CHECK(predict(third, Mode::kInfer, more, 7) == predict(first, Mode::kInfer, more, 7));
  CHECK(predict(fourth, Mode::kInfer, input, 3) == of_second);
  CHECK(workspace.bytes() ==
        first.plan(Mode::kInfer, 3).arena_bytes() + first.plan(Mode::kInfer, 7).arena_bytes());
}

TEST_CASE("training, a smaller last batch and validation take turns in one workspace") {
  Engine engine(1);
  Model alone(small_graph(), engine, 1), sharing(small_graph(), engine, 1);
  Workspace workspace;
  sharing.work_in(workspace);
  const auto trained = [&](Model& model, Shape::Extent batch) {
    const std::vector<float> input = samples(model, batch);
    Plan& plan = model.plan(Mode::kTrain, batch);
    std::ranges::copy(input, plan.input().values().begin());
    plan.forward();
    std::ranges::fill(plan.output_gradient().values(), 0.5F);
    plan.backward();
    std::vector<std::vector<float>> gradients;
    for (const Parameter& parameter : model.parameters())
      gradients.push_back(parameter.gradient.plain_values(engine));
    return gradients;
  };
  const std::vector<float> input = samples(alone, 4);
  for (int turn = 0; turn < 2; ++turn) {
    CHECK(trained(sharing, 5) == trained(alone, 5));
    CHECK(trained(sharing, 2) == trained(alone, 2));
    CHECK(predict(sharing, Mode::kInfer, input, 4) == predict(alone, Mode::kInfer, input, 4));
  }
  const std::size_t largest = alone.plan(Mode::kTrain, 5).arena_bytes();
  CHECK(workspace.bytes() == largest);
  // Copies run side by side, each in memory of its own.
  sharing.plan({.mode = Mode::kTrain, .batch = 7, .copy = 1});
  CHECK(workspace.bytes() == largest);
}

}  // namespace lucid
