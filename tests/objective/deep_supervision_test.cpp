#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "objective/coarse_targets.h"
#include "objective/objective.h"
#include "support/approx.h"
#include "support/from_text.h"
#include "support/golden.h"
#include "support/gradient_check.h"

// Losses of outputs that have fewer voxels than the targets.
namespace lucid::test {
namespace {

const std::vector<std::string> kDeepOutputs = {"out", "half", "coarse"};

std::unique_ptr<Objective> deep_objective(const Json& losses) {
  return from_json(Json{{"loss", losses}}, "",
                   [](JsonObject& root) { return read_objective(root, kDeepOutputs); });
}

// Holds the outputs of a case of deep_supervision.json.
struct DeepOutputs {
  explicit DeepOutputs(const Json& of_case) : target(floats(of_case["target"])) {
    for (const std::string& name : kDeepOutputs) {
      const Json& output = of_case["outputs"][name];
      shapes.emplace_back(output["shape"].get<std::vector<Shape::Extent>>());
      values.push_back(floats(output["prediction"]));
      gradients.emplace_back(values.back().size(), 7.F);
    }
  }
  // Returns samples [first, first + count).
  std::vector<OutputValues> batch(std::size_t first, std::size_t count) {
    std::vector<OutputValues> outputs;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const std::size_t size = shapes[i].without_first().count();
      outputs.push_back({shapes[i].without_first().with_batch(static_cast<Shape::Extent>(count)),
                         std::span<const float>(values[i]).subspan(first * size, count * size),
                         std::span<float>(gradients[i]).subspan(first * size, count * size)});
    }
    return outputs;
  }
  std::span<const float> targets(std::size_t first, std::size_t count) const {
    const std::size_t size = target.size() / static_cast<std::size_t>(shapes[0][0]);
    return std::span(target).subspan(first * size, count * size);
  }

  std::vector<Shape> shapes;
  std::vector<std::vector<float>> values, gradients;
  std::vector<float> target;
};

std::vector<Json> deep_cases() { return read_golden("deep_supervision.json")["cases"]; }

}  // namespace

TEST_CASE("outputs with fewer voxels see the targets that PyTorch's nearest-exact takes") {
  for (const Json& of_case : deep_cases()) {
    CAPTURE(of_case["name"]);
    DeepOutputs outputs(of_case);
    const float loss =
        deep_objective(of_case["losses"])->evaluate(outputs.batch(0, 2), outputs.target);
    CHECK(std::vector{loss} == approx({of_case["loss"].get<double>()}).within(1e-6));
    for (std::size_t i = 0; i < kDeepOutputs.size(); ++i) {
      CAPTURE(kDeepOutputs[i]);
      CHECK(outputs.gradients[i] ==
            approx(doubles(of_case["outputs"][kDeepOutputs[i]]["gradient"])).within(1e-5, 1e-7));
    }
  }
}

TEST_CASE("each loss is divided by what counts in its own coarse targets, in all batches") {
  for (const Json& of_case : deep_cases()) {
    CAPTURE(of_case["name"]);
    DeepOutputs outputs(of_case);
    const auto objective = deep_objective(of_case["losses"]);
    ObjectiveSums whole, sums, found;
    for (std::size_t i = 0; i < 2; ++i) {
      std::vector<OutputValues> batch = outputs.batch(i, 1);
      for (OutputValues& output : batch) output.gradient = {};
      std::vector<Shape> shapes;
      for (const OutputValues& output : batch) shapes.push_back(output.shape);
      if (objective->whole_needs_predictions())
        objective->differentiate(batch, outputs.targets(i, 1), {}, found);
      else
        objective->weigh(shapes, outputs.targets(i, 1), found);
      whole += found;
    }
    for (std::size_t i = 0; i < 2; ++i) {
      objective->differentiate(outputs.batch(i, 1), outputs.targets(i, 1), whole, found);
      sums += found;
    }
    CHECK(std::vector{objective->value(sums).value()} ==
          approx({of_case["loss"].get<double>()}).within(1e-6));
    for (std::size_t i = 0; i < kDeepOutputs.size(); ++i)
      CHECK(outputs.gradients[i] ==
            approx(doubles(of_case["outputs"][kDeepOutputs[i]]["gradient"])).within(1e-5, 1e-7));
  }
}

TEST_CASE("gradients of coarse outputs are central differences of the loss") {
  for (const Json& of_case : deep_cases()) {
    DeepOutputs outputs(of_case);
    const auto objective = deep_objective(of_case["losses"]);
    objective->evaluate(outputs.batch(0, 2), outputs.target);
    const std::vector<std::vector<float>> gradients = outputs.gradients;
    for (std::size_t i = 0; i < kDeepOutputs.size(); ++i) {
      CAPTURE(of_case["name"]);
      CAPTURE(kDeepOutputs[i]);
      const std::vector<double> direction =
          random_signs(gradients[i].size(), Rng(3, kDeepOutputs[i]));
      const Slope found = slope(
          std::span(outputs.values[i]), direction, {0.03125, true}, std::vector{1.0},
          [&] { return std::vector{objective->evaluate(outputs.batch(0, 2), outputs.target)}; });
      CHECK(std::abs(found.value - dot(gradients[i], direction)) <= found.error_bound + 1e-7);
    }
  }
}

TEST_CASE("a coarse voxel takes the target in the middle of its stride, the later of two") {
  std::vector<float> target(2 * 6 * 4, 0), coarse(99);
  for (std::size_t i = 0; i < target.size(); ++i) target[i] = static_cast<float>(i);
  take_coarse_targets(target, {2, 6, 4}, {2, 3, 1}, coarse);
  CHECK(coarse == std::vector<float>{28, 29, 30, 31, 40, 41, 42, 43});
  take_coarse_targets(target, {1, 6, 4}, {1, 2, 4}, coarse);  // two volumes
  CHECK(coarse == std::vector<float>{6, 14, 22, 30, 38, 46});
}

TEST_CASE("an output's extents must divide those of the main one") {
  CHECK(target_strides({3, 8, 6, 4}, {9, 4, 6, 1}) == Triple{2, 1, 4});
  CHECK(target_strides({2, 3, 8, 6, 4}, {2, 3, 4, 3, 2}) == Triple{2, 2, 2});
  for (const Shape& other :
       {Shape{3, 8, 6, 4}, {3, 3, 6, 4}, {3, 16, 6, 4}, {3}, {1, 3, 8, 6, 2}}) {
    CAPTURE(other.str());
    CHECK_FALSE(target_strides({3, 8, 6, 4}, other));
  }
  const auto objective = deep_objective(parse_json(R"([{"type": "CrossEntropyLoss"},
                                  {"type": "CrossEntropyLoss", "output": "half"}])",
                                                   "a.json"));
  const auto error = [&](const Shape& half) {
    const std::vector<Shape> outputs = {{3, 4, 6, 4}, half, {3, 1, 1, 1}};
    return error_of([&] { objective->check(outputs, {4, 6, 4}, TargetType::kIntegers); });
  };
  CHECK(error({3, 2, 3, 4}) == "");
  CHECK(
      error({3, 2, 4, 4}) ==
      "3: output 'half': CrossEntropyLoss: predictions (N, 3, 2, 4, 4) need integer labels (N, 2, "
      "4, 4), found integers (N, 4, 6, 4); change the last layer or the labels");
  CHECK(error({1, 2, 3, 4}).starts_with("3: output 'half': CrossEntropyLoss: "));
}

TEST_CASE("losses over values need targets of their own size") {
  const auto objective = deep_objective(
      parse_json(R"([{"type": "MSELoss"}, {"type": "MSELoss", "output": "half"}])", "a.json"));
  const std::vector<Shape> outputs = {{1, 4, 4, 4}, {1, 2, 2, 2}, {1, 1, 1, 1}};
  CHECK(
      error_of([&] {
        objective->check(outputs, {1, 4, 4, 4}, TargetType::kFloats);
      }) ==
      "3: output 'half': MSELoss: predictions (N, 1, 2, 2, 2) need targets (N, 1, 2, 2, 2), found "
      "(N, 1, 4, 4, 4); change the last layer or the targets");
  CHECK_FALSE(objective->strides_of_output(outputs, 1));
}

}  // namespace lucid::test
