#include "train/optimizer/clip_gradients.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "support/approx.h"
#include "support/golden.h"

using namespace lucid;
using namespace lucid::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Holds parameters "0/weight", "1/weight", ... with the given gradients.
class Gradients {
 public:
  explicit Gradients(const std::vector<std::vector<float>>& gradients) {
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const Shape shape = {static_cast<Shape::Extent>(gradients[i].size())};
      parameters.add(engine_, std::to_string(i), {"weight", shape, 0}, 1);
      Parameter& parameter = parameters.at(std::to_string(i) + "/weight");
      parameter.gradient = Tensor(engine_, parameter.value.layout());
      parameter.gradient.assign(engine_, gradients[i]);
    }
  }
  std::vector<float> all() {
    std::vector<float> joined;
    for (const Parameter& parameter : parameters)
      for (const float value : parameter.gradient.plain_values(engine_)) joined.push_back(value);
    return joined;
  }

  Parameters parameters;

 private:
  Engine engine_;
};

}  // namespace

TEST_CASE("clipping agrees with PyTorch") {
  const Json golden = read_golden("training.json");
  for (const Json& row : golden["clipping"]) {
    Gradients gradients({floats(row["gradients"][0]), floats(row["gradients"][1])});
    const double norm = clip_gradients(gradients.parameters, row["max_norm"].get<double>());
    CHECK(std::vector{norm} == approx(doubles(row["norm"])).within(1e-6));
    CHECK(gradients.all() == approx(doubles(row["clipped"])).within(1e-6));
  }
}

TEST_CASE("a norm by hand, over several blocks") {
  Gradients gradients({std::vector<float>(90000, 0.01F), {4, 0}});
  CHECK(std::vector{clip_gradients(gradients.parameters, kInfinity)} == approx({5}).within(1e-7));
  CHECK(gradients.all().front() == 0.01F);
  clip_gradients(gradients.parameters, 1);
  CHECK(std::vector{clip_gradients(gradients.parameters, kInfinity)} == approx({1}).within(1e-6));
}

TEST_CASE("without a limit a non-finite gradient is told by the norm and left as it is") {
  Gradients infinite({{1, std::numeric_limits<float>::infinity()}});
  CHECK(clip_gradients(infinite.parameters, kInfinity) == kInfinity);
  CHECK(infinite.all()[0] == 1);
  Gradients nan({{1, std::numeric_limits<float>::quiet_NaN()}});
  CHECK(std::isnan(clip_gradients(nan.parameters, kInfinity)));
  CHECK(nan.all()[0] == 1);
}

TEST_CASE("a limit of 0 clears gradients, and parameters without one do not count") {
  Gradients gradients({{3, 4}});
  Engine engine;
  gradients.parameters.add(engine, "unbound", {"weight", {3}, 1}, 1);
  CHECK(clip_gradients(gradients.parameters, 0) == 5);
  CHECK(clip_gradients(gradients.parameters, 0) == 0);
}
