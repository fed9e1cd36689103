#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "layers/table/compiled_case.h"
#include "layers/table/probe.h"
#include "support/approx.h"
#include "support/golden.h"
#include "support/sanitized.h"

// Every row of cases/*.json, in every way a plan can be compiled.
namespace lucid::test {
namespace {

// A float sum of a few hundred products of size 1 loses about 1e-6 of its size; gradients are sums
// over the batch and the volume of what the forward pass already rounded: five times that.
constexpr double kRelative = 1e-5, kAbsolute = 1e-6, kOfGradients = 5;

const CompileOptions kInference{.mode = Mode::kInfer};

template <class Range>
Approx output_like(const Range& expected) {
  return approx(expected).within(kRelative, kAbsolute);
}

template <class Range>
Approx gradient_like(const Range& expected) {
  return approx(expected).within(kOfGradients * kRelative, kOfGradients * kAbsolute);
}

// All that a training step leaves behind.
std::vector<std::vector<float>> results_of(CompiledCase& compiled) {
  std::vector<std::vector<float>> results{copy_of(compiled.forward())};
  compiled.backward();
  if (compiled.plan.input_gradient())
    results.push_back(copy_of(compiled.plan.input_gradient().values()));
  for (const Parameter& parameter : compiled.model.parameters())
    if (parameter.is_trained()) results.push_back(compiled.gradient(parameter.name));
  return results;
}

template <class Check>
void for_each_case(const Check& check) {
  for (const Case& row : cases()) {
    SUBCASE(row.name.c_str()) {
      ReferenceNetwork reference(row);
      check(row, reference);
    }
  }
}

}  // namespace

TEST_CASE("the table of layers has a row for every argument") {
  MESSAGE("rows in tests/layers/table/cases: ", cases().size());
  CHECK(cases().size() >= 100);
}

TEST_CASE("a training step computes what the reference loops compute") {
  for_each_case([](const Case& row, ReferenceNetwork& reference) {
    CompiledCase compiled(row, reference, kTraining);
    CHECK(compiled.forward() == output_like(reference.output.values));
    reference.backward();
    compiled.backward();
    CHECK(compiled.plan.input_gradient().values() ==
          gradient_like(reference.input_gradient.values));
    REQUIRE(compiled.model.parameters().size() ==
            reference.parameters.size() + reference.buffers.size());
    for (const auto& parameter : reference.parameters) {
      INFO(parameter.name);
      CHECK(compiled.model.parameters().at(parameter.name).shape == parameter.value.shape);
      CHECK(compiled.gradient(parameter.name) == gradient_like(parameter.gradient.values));
    }
    for (const auto& buffer : reference.buffers) {
      INFO(buffer.name);
      CHECK(compiled.value(buffer.name) == output_like(buffer.updated.values));
    }
  });
}

TEST_CASE("a training step computes what PyTorch computes") {
  for_each_case([](const Case& row, const ReferenceNetwork& numbers) {
    CompiledCase compiled(row, numbers, kTraining);
    CHECK(thinned(compiled.forward()) == output_like(floats(row.golden.at("output"))));
    compiled.backward();
    CHECK(thinned(compiled.plan.input_gradient().values()) ==
          gradient_like(floats(row.golden.at("input_gradient"))));
    for (const auto& parameter : numbers.parameters) {
      INFO(parameter.name);
      CHECK(thinned(compiled.gradient(parameter.name)) ==
            gradient_like(floats(row.golden.at(parameter.name))));
    }
    for (const auto& buffer : numbers.buffers) {
      INFO(buffer.name);
      CHECK(compiled.value(buffer.name) == output_like(floats(row.golden.at(buffer.name))));
    }
  });
}

TEST_CASE("an inference plan computes what a training plan computes") {
  for_each_case([](const Case& row, const ReferenceNetwork& numbers) {
    if (numbers.depends_on_mode) return;
    CompiledCase training(row, numbers, kTraining), inference(row, numbers, kInference);
    CHECK(inference.forward() == output_like(training.forward()));
  });
}

TEST_CASE("an inference plan computes what the reference loops and PyTorch compute") {
  for_each_case([](const Case& row, const ReferenceNetwork& numbers) {
    if (!numbers.depends_on_mode) return;
    CompiledCase compiled(row, numbers, kInference);
    const std::vector<float> output = copy_of(compiled.forward());
    CHECK(output == output_like(ReferenceNetwork(row, Mode::kInfer).output.values));
    CHECK(thinned(output) == output_like(floats(row.golden.at("inference_output"))));
    for (const auto& buffer : numbers.buffers)
      CHECK(compiled.value(buffer.name) == as_floats(buffer.value));
  });
}

TEST_CASE("a fused ReLU computes what a ReLU of its own computes") {
  for_each_case([](const Case& row, const ReferenceNetwork& numbers) {
    CompileOptions separate = kTraining;
    separate.fuse_relu = false;
    CompiledCase fused(row, numbers, kTraining), unfused(row, numbers, separate);
    const auto expected = results_of(unfused), found = results_of(fused);
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == gradient_like(expected[i]));
  });
}

TEST_CASE("what is computed again is the same to the bit") {
  for_each_case([](const Case& row, const ReferenceNetwork& numbers) {
    CompileOptions smallest = kTraining;
    smallest.memory_budget = 0;
    CompiledCase keeping(row, numbers, kTraining), computing(row, numbers, smallest);
    constexpr std::size_t kHoles = 4096;  // between buffers; rows are small
    CHECK(computing.plan.arena_bytes() <= keeping.plan.arena_bytes() + kHoles);
    CHECK(results_of(computing) == results_of(keeping));
    for (const auto& buffer : numbers.buffers)
      CHECK(computing.value(buffer.name) == keeping.value(buffer.name));
  });
}

TEST_CASE("plans of other batch sizes and modes work on the same parameters") {
  for_each_case([](const Case& row, ReferenceNetwork& reference) {
    CompiledCase compiled(row, reference, kTraining);
    reference.backward();
    const Graph& graph = compiled.model.graph();
    Parameters& parameters = compiled.model.parameters();
    const std::vector<float> input = as_floats(reference.input);
    Case alone = row;
    alone.batch = 1;
    for (const Mode mode : {Mode::kInfer, Mode::kTrain}) {
      Plan single = compile(graph, parameters, compiled.engine, {.mode = mode, .batch = 1});
      std::copy_n(input.begin(), row.input.count(), single.input().values().begin());
      single.forward();
      CHECK(single.output().values() == output_like(ReferenceNetwork(alone, mode).output.values));
    }
    compiled.forward();
    compiled.backward();
    for (const auto& parameter : reference.parameters)
      CHECK(compiled.gradient(parameter.name) == gradient_like(parameter.gradient.values));
  });
}

TEST_CASE("two runs of a step give the same bits") {
  for_each_case([](const Case& row, const ReferenceNetwork& numbers) {
    CompiledCase first(row, numbers, kTraining), second(row, numbers, kTraining);
    const auto expected = results_of(first);
    CHECK(results_of(first) == expected);
    CHECK(results_of(second) == expected);
  });
}

TEST_CASE("leaving out the input gradient changes no parameter gradient") {
  for_each_case([](const Case& row, const ReferenceNetwork& numbers) {
    CompileOptions without = kTraining;
    without.input_gradient = false;
    CompiledCase with_gradient(row, numbers, kTraining), alone(row, numbers, without);
    with_gradient.forward();
    with_gradient.backward();
    alone.forward();
    alone.backward();
    CHECK_FALSE(alone.plan.input_gradient());
    for (const auto& parameter : numbers.parameters)
      CHECK(alone.gradient(parameter.name) == with_gradient.gradient(parameter.name));
  });
}

TEST_CASE("the padding of a blocked parameter and of its gradient stays zero") {
  for_each_case([](const Case& row, const ReferenceNetwork& numbers) {
    CompiledCase compiled(row, numbers, kTraining);
    compiled.forward();
    compiled.backward();
    for (const Parameter& parameter : compiled.model.parameters()) {
      if (!parameter.is_trained()) continue;
      for (const Tensor* tensor : {&parameter.value, &parameter.gradient}) {
        const auto plain = tensor->plain_values(compiled.engine);
        const auto is_set = [](float value) { return value != 0; };
        CHECK(std::ranges::count_if(tensor->values(), is_set) ==
              std::ranges::count_if(plain, is_set));
      }
    }
  });
}

TEST_CASE("the gradients of small rows are the slopes of the plan's own outputs" *
          doctest::skip(test::kIsSanitized)) {
  constexpr Shape::Extent kSmall = 400;  // outputs; of a larger row's sum the rounding is too much
  for_each_case([](const Case& row, ReferenceNetwork& numbers) {
    if (numbers.output.shape.elements() > kSmall) return;
    CompiledCase compiled(row, numbers, kTraining);
    compiled.forward();
    compiled.backward();
    const std::vector<double> weights = numbers.output_gradient.values;
    for (const Probe& probe : probes(numbers)) {
      INFO(probe.name, ", step ", probe.step.size);
      const auto gradient = probe.name == "input" ? copy_of(compiled.plan.input_gradient().values())
                                                  : compiled.gradient(probe.name);
      std::vector<float> values = as_floats(value_of(numbers, probe.name));
      const Slope found = slope(std::span(values), probe.direction, probe.step, weights, [&] {
        compiled.set(probe.name, values);
        return copy_of(compiled.forward());
      });
      compiled.set(probe.name, values);
      CHECK(std::abs(found.value - dot(gradient, probe.direction)) <= found.error_bound);
    }
  });
}

}  // namespace lucid::test
