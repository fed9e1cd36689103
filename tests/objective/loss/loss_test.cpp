#include "objective/loss/loss.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "objective/loss/loss_from.h"
#include "objective/loss/loss_rows.h"
#include "objective/loss/random_batch.h"
#include "objective/loss/reference_loss.h"
#include "support/approx.h"
#include "support/from_text.h"
#include "support/golden.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::vector<double> in_double(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

float only_element(const char* config, float prediction, float target) {
  return loss_from(config)->evaluate({1, 1}, std::vector<float>{prediction},
                                     std::vector<float>{target}, {});
}

}  // namespace

TEST_CASE("every loss agrees with its formula and its gradient with central differences") {
  for (const LossRow& row : kLossRows) {
    CAPTURE(row.config);
    CAPTURE(row.shape.str());
    const auto loss = loss_from(row.config);
    const std::vector<float> prediction = random_values(row.shape, Rng(1, "prediction"));
    const std::vector<float> target = random_targets(*loss, row, prediction, Rng(1, "target"));
    std::vector<float> gradient(prediction.size(), std::numeric_limits<float>::quiet_NaN());
    const float value = loss->evaluate(row.shape, prediction, target, gradient);
    CHECK(value == loss->evaluate(row.shape, prediction, target, {}));

    const Json config = parse_json(row.config, "a.json");
    std::vector<double> exact = in_double(prediction);
    const auto reference = [&] {
      return reference_loss(config, row.shape, exact, in_double(target));
    };
    CHECK(std::vector{value} == approx(std::vector{reference()}).within(1e-6));
    const std::size_t stride = exact.size() / 60 + 1;  // of large shapes only some elements
    std::vector<double> slopes;
    std::vector<float> sampled;
    for (std::size_t i = 0; i < exact.size(); i += stride) {
      constexpr double kStep = 1e-4;  // its square is the error left by a central difference
      const double kept = exact[i];
      exact[i] = kept + kStep;
      const double above = reference();
      exact[i] = kept - kStep;
      slopes.push_back((above - reference()) / (2 * kStep));
      exact[i] = kept;
      sampled.push_back(gradient[i]);
    }
    CHECK(sampled == approx(slopes).within(1e-5, 1e-7));
  }
}

TEST_CASE("what losses add up over parts of a sample is the loss of the sample") {
  for (const LossRow& row : kLossRows) {
    if (row.shape.rank() != 5) continue;
    CAPTURE(row.config);
    CAPTURE(row.shape.str());
    const auto loss = loss_from(row.config);
    Shape shape = row.shape.without_first().with_batch(1);
    std::vector<float> prediction = random_values(row.shape, Rng(1, "prediction"));
    std::vector<float> target = random_targets(*loss, row, prediction, Rng(1, "target"));
    prediction.resize(shape.count());
    target.resize(row.target.without_first().count());
    const float expected = loss->evaluate(shape, prediction, target, {});
    // The first plane is evaluated alone, the others together.
    const auto depth = static_cast<std::size_t>(shape[2]);
    const auto planes = [&](const std::vector<float>& values, std::size_t begin, std::size_t end) {
      const auto plane = static_cast<std::size_t>(shape[3] * shape[4]);
      std::vector<float> part;
      for (std::size_t z = begin; z < end; ++z)
        for (std::size_t c = 0; c < values.size() / (depth * plane); ++c)
          for (std::size_t i = 0; i < plane; ++i)
            part.push_back(values[(c * depth + z) * plane + i]);
      return part;
    };
    const auto sums_of = [&](std::size_t begin, std::size_t end) {
      Loss::Sums sums;
      loss->sum_part({static_cast<Shape::Extent>(end - begin), shape[1], 1, shape[3], shape[4]},
                     planes(prediction, begin, end), planes(target, begin, end), sums);
      return sums;
    };
    Loss::Sums all = sums_of(0, 1), of_sample;
    const Loss::Sums others = sums_of(1, depth);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] += others[i];
    loss->join_parts(all, of_sample);
    CHECK(std::vector{*loss->value(of_sample)} ==
          approx(std::vector<double>{expected}).within(1e-6));
  }
}

TEST_CASE("every loss and its gradient agree with PyTorch") {
  Json rows = read_golden("objective.json")["losses"];
  const Json labels = read_golden("label_losses.json");  // outlives the loop over a part of it
  for (const Json& row : labels["losses"]) rows.push_back(row);
  for (const Json& row : rows) {
    const auto name = row["name"].get<std::string>();
    CAPTURE(name);
    const auto loss = from_json(row["config"], "/loss", make_loss);
    const Shape shape(row["shape"].get<std::vector<Shape::Extent>>());
    const std::vector<float> prediction = floats(row["prediction"]);
    std::vector<float> gradient(prediction.size());
    const float value = loss->evaluate(shape, prediction, floats(row["target"]), gradient);
    // PyTorch adds in float and in another order.
    CHECK(std::vector{value} == approx(doubles(row["loss"])).within(2e-6));
    // The gradient of a summed loss is a difference of terms of size 1: allow four float roundings.
    CHECK(gradient == approx(doubles(row["gradient"])).within(2e-6, 2.5e-7));
  }
}

TEST_CASE("cross entropy of two samples by hand") {
  const auto loss = loss_from(R"({"type": "CrossEntropyLoss"})");
  const std::vector<float> first = {2, 0.5, 0.1F}, second = {0, 1.5, 0.2F};
  const std::vector<float> both = {2, 0.5, 0.1F, 0, 1.5, 0.2F};
  const std::vector<float> found = {loss->evaluate({1, 3}, first, std::vector{0.F}, {}),
                                    loss->evaluate({1, 3}, second, std::vector{1.F}, {}),
                                    loss->evaluate({2, 3}, both, std::vector{0.F, 1.F}, {})};
  CHECK(found == approx({0.316779, 0.402569, 0.359674}).within(0, 5e-7));
}

TEST_CASE("losses over values by hand") {
  CHECK(only_element(R"({"type": "MSELoss"})", 3, 1) == 4);
  CHECK(only_element(R"({"type": "L1Loss"})", 3, 1) == 2);
  CHECK(only_element(R"({"type": "BCEWithLogitsLoss"})", 0, 1) ==
        static_cast<float>(std::log(2.0)));
}

TEST_CASE("cross entropy stays finite for logits far from 0") {
  const auto loss = loss_from(R"({"type": "CrossEntropyLoss"})");
  const std::vector<float> prediction = {1e4F, -1e4F, 0};
  std::vector<float> gradient(3);
  CHECK(loss->evaluate({1, 3}, prediction, std::vector{1.F}, gradient) == 2e4F);
  CHECK(gradient == std::vector<float>{1, -1, 0});
}

TEST_CASE("a mean over ignored labels alone is undefined, with a gradient of zeros") {
  const auto loss = loss_from(R"({"type": "CrossEntropyLoss", "label_smoothing": 0.1})");
  const std::vector<float> prediction = {1, 2, 3, 4};
  std::vector<float> gradient(4, 7);
  CHECK(std::isnan(loss->evaluate({2, 2}, prediction, std::vector{-100.F, -100.F}, gradient)));
  CHECK(gradient == std::vector<float>(4, 0));
}

TEST_CASE("a NaN in the prediction makes every loss NaN") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const char* type : {"MSELoss", "L1Loss", "HuberLoss", "BCEWithLogitsLoss",
                           "CrossEntropyLoss", "DiceLoss", "DiceCELoss", "FocalLoss"}) {
    CAPTURE(type);
    const auto loss = from_json(Json{{"type", type}}, "/loss", make_loss);
    const bool is_classes = loss->prediction_kind() == PredictionKind::kClassLogits;
    for (const std::size_t at : {0U, 1U, 2U}) {
      std::vector<float> prediction = {1, 2, 3};
      prediction[at] = kNan;
      const std::vector<float> target(is_classes ? 1 : 3, 1.F);
      CHECK(std::isnan(loss->evaluate({1, 3}, prediction, target, {})));
    }
  }
}

TEST_CASE("balanced class weights make every class count the same") {
  const std::vector<std::int64_t> counts = {6, 3, 0, 3};
  CHECK(balanced_class_weights(counts) == approx({0.5, 1, 1, 1}).within(1e-15));
}

TEST_CASE("losses say which labels are legal") {
  const auto classes = loss_from(R"({"type": "CrossEntropyLoss", "ignore_index": 255})");
  CHECK(classes->class_targets({5, 8, 8, 8})->classes == 5);
  CHECK(classes->label_range({5, 8, 8, 8}, TargetType::kIntegers)->ignore_index == 255);
  const auto binary = loss_from(R"({"type": "BCEWithLogitsLoss"})");
  CHECK_FALSE(binary->class_targets({5}).has_value());
  CHECK(binary->label_range({5}, TargetType::kIntegers)->classes == 2);
  CHECK_FALSE(binary->label_range({5}, TargetType::kIntegers)->ignore_index.has_value());
  CHECK_FALSE(binary->label_range({5}, TargetType::kFloats).has_value());
  CHECK_FALSE(loss_from(R"({"type": "MSELoss"})")->label_range({5}, TargetType::kIntegers));
}
