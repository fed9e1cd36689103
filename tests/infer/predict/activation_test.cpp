#include "infer/predict/activation.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/approx.h"

namespace lucid {
namespace {

using test::approx;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> activated(Activation activation, const Shape& shape, std::vector<float> values) {
  apply_activation(activation, shape, values);
  values.resize(activated_shape(activation, shape).count());
  return values;
}

}  // namespace

TEST_CASE("softmax makes every voxel's channels sum to one") {
  const std::vector<float> found = activated(Activation::kSoftmax, {1, 2, 1, 1, 2}, {1, 5, 3, 5});
  const double first = 1 / (1 + std::exp(2.0));
  CHECK(found == approx({first, 0.5, 1 - first, 0.5}).within(1e-6));
}

TEST_CASE("softmax of large logits is finite, of a NaN it is NaN") {
  CHECK(activated(Activation::kSoftmax, {2, 2}, {1e30F, -1e30F, 1000, 1000}) ==
        approx({1.0, 0.0, 0.5, 0.5}));
  CHECK(activated(Activation::kSoftmax, {1, 2}, {1, kNan}) == approx({kNan, kNan}));
}

TEST_CASE("sigmoid acts on every number") {
  CHECK(activated(Activation::kSigmoid, {1, 3}, {0, 200, -200}) ==
        approx({0.5, 1.0, 0.0}).within(0, 1e-6));
}

TEST_CASE("argmax drops the channels and takes the first of equal ones") {
  CHECK(activated_shape(Activation::kArgmax, {2, 3, 4, 5, 6}) == Shape{2, 4, 5, 6});
  CHECK(activated_shape(Activation::kArgmax, {2, 3}) == Shape{2});
  CHECK(activated(Activation::kArgmax, {2, 3}, {1, 3, 3, 2, 1, 0}) == std::vector<float>{1, 0});
  CHECK(activated(Activation::kArgmax, {1, 2, 1, 1, 3}, {1, 5, 2, 4, 4, 2}) ==
        std::vector<float>{1, 0, 0});
}

TEST_CASE("argmax of a NaN is no class, whatever the other channels are") {
  CHECK(activated(Activation::kArgmax, {3, 2}, {kNan, 1, 1, kNan, 0, 1}) ==
        approx({kNan, kNan, 1.F}));
}

TEST_CASE("none leaves everything as it is") {
  CHECK(activated(Activation::kNone, {1, 2}, {1, -2}) == std::vector<float>{1, -2});
  CHECK(activated_shape(Activation::kNone, {2, 3, 4}) == Shape{2, 3, 4});
}

}  // namespace lucid
