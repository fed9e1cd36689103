#include "objective/objective.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "support/approx.h"
#include "support/from_text.h"

using namespace lucid;
using namespace lucid::test;

namespace {

const std::vector<std::string> kOutputs = {"out", "deep"};

// Reads {"loss": LOSS} for a network with two outputs.
std::unique_ptr<Objective> objective_of(const std::string& loss) {
  return from_text("{\"loss\": " + loss + "}", "",
                   [](JsonObject& root) { return read_objective(root, kOutputs); });
}

std::vector<float> random_values(std::size_t count, Rng rng) {
  std::vector<float> values(count);
  for (float& value : values) value = rng.uniform(-2, 2);
  return values;
}

// Holds two outputs for two samples of three classes; the gradients hold old values.
struct Batch {
  Shape shape{2, 3, 2, 2, 2};
  std::vector<float> out = random_values(48, Rng(1, "out")),
                     deep = random_values(48, Rng(2, "deep"));
  std::vector<float> out_gradient = std::vector<float>(48, 7), deep_gradient = out_gradient;
  std::vector<float> target = {0, 1, 2, 2, 1, 0, 0, 1, 2, 2, 2, 1, 0, 1, 1, 1};

  std::vector<OutputValues> outputs() {
    return {{shape, out, out_gradient}, {shape, deep, deep_gradient}};
  }
};

struct LossAndGradient {
  float loss;
  std::vector<float> gradient;
};

LossAndGradient alone(const std::string& loss, const Batch& batch,
                      const std::vector<float>& prediction) {
  std::vector<float> gradient(prediction.size());
  const float value = from_text(loss, "/loss", make_loss)
                          ->evaluate(batch.shape, prediction, batch.target, gradient);
  return {value, gradient};
}

std::vector<double> weighted_sum(double a, const std::vector<float>& left, double b,
                                 const std::vector<float>& right) {
  std::vector<double> sum;
  for (std::size_t i = 0; i < left.size(); ++i) sum.push_back(a * left[i] + b * right[i]);
  return sum;
}

const std::string kPlain = R"({"type": "CrossEntropyLoss"})";
const std::string kSmooth = R"({"type": "CrossEntropyLoss", "label_smoothing": 0.5})";

}  // namespace

TEST_CASE("one loss is its own objective, bit for bit") {
  Batch batch;
  const LossAndGradient expected = alone(kPlain, batch, batch.out);
  CHECK(objective_of(kPlain)->evaluate(batch.outputs(), batch.target) == expected.loss);
  CHECK(batch.out_gradient == expected.gradient);
}

TEST_CASE("an output without a loss has a gradient of zeros") {
  Batch batch;
  objective_of(kPlain)->evaluate(batch.outputs(), batch.target);
  CHECK(batch.deep_gradient == std::vector<float>(48, 0));
}

TEST_CASE("losses of one output add, each times its factor") {
  Batch batch;
  const auto objective = objective_of(R"([{"type": "CrossEntropyLoss", "factor": 2},
      {"type": "CrossEntropyLoss", "label_smoothing": 0.5, "factor": 0.25}])");
  const LossAndGradient plain = alone(kPlain, batch, batch.out),
                        smooth = alone(kSmooth, batch, batch.out);
  const float loss = objective->evaluate(batch.outputs(), batch.target);
  CHECK(std::vector{loss} == approx({2.0 * plain.loss + 0.25 * smooth.loss}).within(1e-6));
  CHECK(batch.out_gradient ==
        approx(weighted_sum(2, plain.gradient, 0.25, smooth.gradient)).within(1e-6, 1e-8));
  // A second call must overwrite the gradients of the first.
  const std::vector<float> first = batch.out_gradient;
  CHECK(objective->evaluate(batch.outputs(), batch.target) == loss);
  CHECK(batch.out_gradient == first);
}

TEST_CASE("every output can have a loss of its own") {
  Batch batch;
  const auto objective = objective_of(R"([{"type": "CrossEntropyLoss", "output": "out"},
      {"type": "CrossEntropyLoss", "label_smoothing": 0.5, "factor": 0.5, "output": "deep"}])");
  const LossAndGradient plain = alone(kPlain, batch, batch.out),
                        smooth = alone(kSmooth, batch, batch.deep);
  const float loss = objective->evaluate(batch.outputs(), batch.target);
  CHECK(std::vector{loss} == approx({plain.loss + 0.5 * smooth.loss}).within(1e-6));
  CHECK(batch.out_gradient == plain.gradient);
  CHECK(batch.deep_gradient ==
        approx(weighted_sum(0.5, smooth.gradient, 0, smooth.gradient)).within(1e-7));
}

TEST_CASE("an objective without gradients is the same number") {
  Batch batch;
  const auto objective = objective_of(
      "[" + kPlain + R"(, {"type": "CrossEntropyLoss", "factor": 3, "output": "deep"},)" + kSmooth +
      "]");
  const float loss = objective->evaluate(batch.outputs(), batch.target);
  const std::vector<OutputValues> outputs = {{batch.shape, batch.out, {}},
                                             {batch.shape, batch.deep, {}}};
  CHECK(objective->evaluate(outputs, batch.target) == loss);
}

TEST_CASE("the first loss of the main output says what predictions are") {
  const auto objective = objective_of(R"([{"type": "L1Loss", "output": "deep"},
      {"type": "BCEWithLogitsLoss"}, {"type": "MSELoss"}])");
  CHECK(objective->main().type() == "BCEWithLogitsLoss");
}

TEST_CASE("mistakes in a list of losses are told where they stand, all at once") {
  struct Row {
    const char *loss, *error;
  };
  const Row kRows[] = {
      {R"([])", "2: a.json: /loss: expected a list of objects, at least one, found []"},
      {R"(3)", "2: a.json: /loss: expected an object, found 3"},
      {R"([{"type": "MSELoss"}, 3])", "2: a.json: /loss/1: expected an object, found 3"},
      {R"([{"type": "MSELoss", "factor": -1}, {"type": "L1", "factor": "1"}])",
       "2: a.json: /loss/0/factor: expected a number >= 0, found -1\n"
       "a.json: /loss/1/factor: expected a number >= 0, found '1'\n"
       "a.json: /loss/1/type: no loss 'L1'; known: BCEWithLogitsLoss, "
       "CrossEntropyLoss, DiceCELoss, DiceLoss, FocalLoss, HuberLoss, L1Loss, MSELoss"},
      {R"([{"type": "MSELoss"}, {"type": "MSELoss", "output": "dep"}])",
       "2: a.json: /loss/1/output: no output of the network 'dep'; did you mean 'deep'? known: "
       "out, deep"},
      {R"([{"type": "MSELoss", "output": 1}])",
       "2: a.json: /loss/0/output: expected a string, found 1"},
      {R"([{"type": "MSELoss", "output": "deep"}])",
       "2: a.json: /loss: expected a loss of the network's main output, 'out', found none: metrics "
       "are those of it"},
      {R"([{"type": "MSELoss", "reductoin": 1}])",
       "2: a.json: /loss/0/reductoin: unknown key; did you mean 'reduction'?"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.loss);
    CHECK(error_of([&] { objective_of(row.loss); }) == row.error);
  }
  CHECK(error_of([] {
          from_text("{}", "", [](JsonObject& root) { return read_objective(root, kOutputs); });
        }) == "2: a.json: /: expected the key 'loss' (an object), found none");
}

TEST_CASE("every output has to fit the target") {
  const auto objective = objective_of("[" + kPlain + R"(, {"type": "MSELoss", "output": "deep"}])");
  const std::vector<Shape> outputs = {{3, 4, 4, 4}, {1, 2, 2, 2}};
  CHECK(
      error_of([&] {
        objective->check(outputs, {4, 4, 4}, TargetType::kIntegers);
      }) ==
      "3: output 'deep': MSELoss: predictions (N, 1, 2, 2, 2) need targets (N, 1, 2, 2, 2), found "
      "(N, 4, 4, 4); change the last layer or the targets");
  CHECK(error_of([&] {
          objective->check(outputs, {2, 2, 2}, TargetType::kIntegers);
        }) ==
        "3: CrossEntropyLoss: predictions (N, 3, 4, 4, 4) need integer labels (N, 4, 4, 4), found "
        "integers (N, 2, 2, 2); change the last layer or the labels");
  const std::vector<Shape> fitting = {{3, 2, 2, 2}, {1, 2, 2, 2}};
  CHECK(error_of([&] { objective->check(fitting, {2, 2, 2}, TargetType::kIntegers); }).empty());
}

TEST_CASE("every loss says which labels are legal for it") {
  const auto objective = objective_of(R"([{"type": "CrossEntropyLoss", "ignore_index": 9},
      {"type": "MSELoss", "output": "deep"}])");
  const std::vector<Shape> outputs = {{3, 2, 2, 2}, {1, 2, 2, 2}};
  const auto ranges = objective->label_ranges(outputs, TargetType::kIntegers);
  REQUIRE(ranges.size() == 2);
  CHECK(ranges[0] == ClassTargets{3, 9});
  CHECK_FALSE(ranges[1]);
}

TEST_CASE("automatic class weights are replaced by a list before a loss is used") {
  const auto resolve = [](const std::string& text,
                          const std::vector<std::vector<std::int64_t>>& counts) {
    const auto objective = objective_of(text);
    CHECK(objective->wants_class_weights());
    const Json resolved = with_class_weights(parse_json(text, "a.json"), *objective, counts);
    CHECK_FALSE(objective_of(json_text(resolved))->wants_class_weights());
    return json_text(resolved);
  };
  CHECK(resolve(R"({"type": "CrossEntropyLoss", "weight": "auto"})", {{6, 2}}) ==
        R"({"type":"CrossEntropyLoss","weight":[0.6666666666666666,2.0]})");
  CHECK(resolve(R"([{"type": "MSELoss"}, {"type": "CrossEntropyLoss", "weight": "auto"}])",
                {{}, {1, 3}}) ==
        R"([{"type":"MSELoss"},{"type":"CrossEntropyLoss","weight":[2.0,0.6666666666666666]}])");
}
