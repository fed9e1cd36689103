#include <doctest/doctest.h>
#include <omp.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "objective/loss/loss_from.h"
#include "support/approx.h"

using namespace lucid;
using namespace lucid::test;

namespace {

float value_of(const std::string& config, const Shape& shape, const std::vector<float>& prediction,
               const std::vector<float>& target) {
  return loss_from(config)->evaluate(shape, prediction, target, {});
}

const char* const kLosses[] = {
    R"({"type": "DiceLoss"})",   R"({"type": "DiceLoss", "sigmoid": true, "batch": true})",
    R"({"type": "DiceCELoss"})", R"({"type": "DiceCELoss", "sigmoid": true})",
    R"({"type": "FocalLoss"})",  R"({"type": "FocalLoss", "sigmoid": true})"};

bool is_sigmoid(const Loss& loss) {
  return loss.prediction_kind() == PredictionKind::kBinaryLogits;
}

std::vector<float> random_labels(std::size_t count, std::uint64_t classes, Rng rng) {
  std::vector<float> labels(count);
  for (float& label : labels) label = static_cast<float>(rng.below(classes));
  return labels;
}

class Threads {
 public:
  explicit Threads(int count) : before_(omp_get_max_threads()) { omp_set_num_threads(count); }
  ~Threads() { omp_set_num_threads(before_); }

 private:
  int before_;
};

}  // namespace

TEST_CASE("dice by hand") {
  // Two voxels with equal logits, so that p = 1/2 for both classes, and labels 0 and 1.
  const Shape shape{1, 2, 1, 1, 2};
  const std::vector<float> even(4), target = {0, 1};
  CHECK(value_of(R"({"type": "DiceLoss", "smooth_nr": 0, "smooth_dr": 0})", shape, even, target) ==
        0.5F);
  CHECK(value_of(R"({"type": "DiceLoss", "smooth_nr": 1, "smooth_dr": 2})", shape, even, target) ==
        0.5F);
  CHECK(value_of(R"({"type": "DiceLoss", "smooth_nr": 1, "smooth_dr": 0})", shape, even, target) ==
        0);
  CHECK(std::vector{value_of(R"({"type": "DiceLoss", "jaccard": true})", shape, even, target)} ==
        approx({2.0 / 3}).within(1e-5));
  CHECK(std::vector{value_of(R"({"type": "DiceLoss", "squared_pred": true})", shape, even,
                             target)} == approx({1.0 / 3}).within(1e-5));
}

TEST_CASE("dice over a batch is not the mean over its samples") {
  // Sample 0 is all class 0, sample 1 all class 1; p is 0.9 for class 0 everywhere.
  const float logit = std::log(9.F);
  const std::vector<float> prediction = {logit, logit, 0, 0, logit, logit, 0, 0},
                           target = {0, 0, 1, 1};
  const Shape shape{2, 2, 1, 1, 2};
  const double a = 2 * 1.8 / 3.8, b = 2 * 0.2 / 2.2;  // of the class that is there
  CHECK(std::vector{value_of(R"({"type": "DiceLoss"})", shape, prediction, target)} ==
        approx({1 - (a + b) / 4}).within(1e-4));
  const double c = 2 * 1.8 / 5.6, d = 2 * 0.2 / 2.4;
  CHECK(std::vector{value_of(R"({"type": "DiceLoss", "batch": true})", shape, prediction,
                             target)} == approx({1 - (c + d) / 2}).within(1e-4));
}

TEST_CASE("a sample whose labels are all ignored leaves the mean of dice") {
  const std::vector<float> one = {1, 2, -1, 0.5F};
  std::vector<float> both = one;
  both.insert(both.end(), {5, 6, 7, 8});
  for (const char* config : {R"({"type": "DiceLoss"})", R"({"type": "DiceCELoss"})",
                             R"({"type": "DiceLoss", "batch": true})"}) {
    CAPTURE(config);
    CHECK(value_of(config, {2, 2, 1, 1, 2}, both, {0, 1, -100, -100}) ==
          value_of(config, {1, 2, 1, 1, 2}, one, {0, 1}));
  }
}

TEST_CASE("ignored voxels are as if they were not there") {
  for (const char* config :
       {R"({"type": "DiceLoss"})", R"({"type": "DiceCELoss"})", R"({"type": "FocalLoss"})"}) {
    CAPTURE(config);
    CHECK(value_of(config, {1, 2, 1, 1, 3}, {1, 9, 2, -1, -9, 0.5F}, {0, -100, 1}) ==
          value_of(config, {1, 2, 1, 1, 2}, {1, 2, -1, 0.5F}, {0, 1}));
  }
}

TEST_CASE("the loss of a batch without a label that counts is undefined, with no gradient") {
  for (const char* config : kLosses) {
    CAPTURE(config);
    const auto loss = loss_from(config);
    const std::vector<float> prediction = {1, 2, 3, 4, 5, 6};
    std::vector<float> gradient(6, 7);
    const std::vector<float> target(is_sigmoid(*loss) ? 6 : 3, -100.F);
    CHECK(std::isnan(loss->evaluate({1, 2, 1, 1, 3}, prediction, target, gradient)));
    CHECK(gradient == std::vector<float>(6, 0));
  }
}

TEST_CASE("dice of a class that neither occurs nor is predicted is perfect") {
  const std::string config = R"({"type": "DiceLoss", "smooth_nr": 0, "smooth_dr": 0})";
  const std::vector<float> prediction = {0, 0, -300, -300};  // exp(-300) is 0 in float
  std::vector<float> gradient(4, 7);
  CHECK(loss_from(config)->evaluate({1, 2, 1, 1, 2}, prediction, std::vector{0.F, 0.F}, gradient) ==
        0);
  CHECK(gradient == std::vector<float>(4, 0));
  CHECK(value_of(R"({"type": "DiceLoss"})", {1, 2, 1, 1, 2}, prediction, {0, 0}) == 0);
}

TEST_CASE("dice pushes a class that does not occur down") {
  std::vector<float> gradient(6);
  loss_from(R"({"type": "DiceLoss"})")
      ->evaluate({1, 3, 1, 1, 2}, std::vector<float>(6), std::vector{0.F, 1.F}, gradient);
  for (const std::size_t i : {4U, 5U}) CHECK(gradient[i] >= 0);
}

TEST_CASE("losses over labels stay finite for logits far from 0") {
  for (const char* config : kLosses) {
    CAPTURE(config);
    const auto loss = loss_from(config);
    const std::vector<float> prediction = {1e4F, -1e4F, 3e4F, -3e4F, 1e4F, 0};
    const std::vector<float> right =
        is_sigmoid(*loss) ? std::vector<float>{1, 0, 1, 0, 1, 0} : std::vector<float>{0, 1, 0};
    std::vector<float> gradient(6, std::numeric_limits<float>::quiet_NaN());
    CHECK(std::isfinite(loss->evaluate({1, 2, 1, 1, 3}, prediction, right, gradient)));
    for (const float value : gradient) CHECK(std::isfinite(value));
    std::vector<float> wrong = right;
    for (float& label : wrong) label = 1 - label;
    const float value = loss->evaluate({1, 2, 1, 1, 3}, prediction, wrong, gradient);
    CHECK(std::isfinite(value));
    CHECK(value > 0.4F);
    for (const float slope : gradient) CHECK(std::isfinite(slope));
  }
}

TEST_CASE("focal loss without focus is cross entropy") {
  const std::vector<float> prediction = {1, 2, -1, 0.5F, 0, 3}, target = {1, 0};
  const float cross_entropy =
      value_of(R"({"type": "CrossEntropyLoss"})", {2, 3}, prediction, target);
  // The mean is taken over classes as well.
  CHECK(std::vector{value_of(R"({"type": "FocalLoss", "gamma": 0})", {2, 3}, prediction, target)} ==
        approx({cross_entropy / 3.0}).within(1e-6));
}

TEST_CASE("a label that is no class is refused by every loss over classes") {
  for (const std::string type : {"DiceLoss", "DiceCELoss", "FocalLoss"}) {
    CAPTURE(type);
    CHECK(error_of([&] {
            value_of(R"({"type": ")" + type + "\"}", {1, 2, 1, 1, 2}, {1, 2, 3, 4}, {0, 2});
          }) == "3: " + type + ": expected labels from 0 to 1 or -100 (ignore_index), found 2");
  }
}

TEST_CASE("losses give the same bits with any number of threads") {
  const Shape shape{2, 3, 12, 16, 20};
  std::vector<float> prediction(shape.count());
  Rng rng(4, "prediction");
  for (float& value : prediction) value = rng.uniform(-3, 3);
  for (const char* config : kLosses) {
    CAPTURE(config);
    const auto loss = loss_from(config);
    const auto target = is_sigmoid(*loss)
                            ? random_labels(prediction.size(), 2, Rng(4, "labels"))
                            : random_labels(prediction.size() / 3, 3, Rng(4, "labels"));
    std::vector<float> values;
    std::vector<std::vector<float>> gradients;
    for (const int threads : {1, 2, 3}) {
      const Threads guard(threads);
      gradients.emplace_back(prediction.size());
      values.push_back(loss->evaluate(shape, prediction, target, gradients.back()));
    }
    CHECK(values == std::vector<float>(3, values[0]));
    CHECK(gradients[0] == gradients[1]);
    CHECK(gradients[0] == gradients[2]);
  }
}

TEST_CASE("losses over labels say how they read predictions") {
  const auto classes =
      loss_from(R"({"type": "DiceCELoss", "ignore_index": 255, "weight": "auto"})");
  CHECK(classes->wants_class_weights());
  CHECK(classes->class_targets({5, 8, 8, 8}) == ClassTargets{5, 255});
  CHECK(classes->label_range({5, 8, 8, 8}, TargetType::kIntegers) == ClassTargets{5, 255});
  const auto binary = loss_from(R"({"type": "FocalLoss", "sigmoid": true, "ignore_index": 9})");
  CHECK(binary->prediction_kind() == PredictionKind::kBinaryLogits);
  CHECK_FALSE(binary->class_targets({5, 8, 8, 8}).has_value());
  CHECK(binary->label_range({5, 8, 8, 8}, TargetType::kIntegers) == ClassTargets{2, 9});
  CHECK_FALSE(binary->label_range({5, 8, 8, 8}, TargetType::kFloats).has_value());
}
