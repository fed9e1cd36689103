#include "bench/gradient_digits.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "layers/convolution/routes.h"
#include "support/sanitized.h"

namespace lucid::test {
namespace {

// A float holds 6e-8 of its value; sums in blocks leave some ten roundings of that, whatever their
// length.
constexpr double kMost = 2e-6;
// The products of Winograd's planes are oneDNN's, which for AVX2 sums all tiles in one chain.
constexpr double kMostOfPlanes = 5e-6;

}  // namespace

TEST_CASE("gradients of parameters keep their digits on every route" *
          doctest::skip(test::kIsSanitized)) {
  for (const int threads : {1, 3}) {
    Engine engine(threads);
    for (const GradientDigits& row : measure_gradient_digits(engine, 40)) {
      INFO(row.layer, " by ", row.route, ", ", threads, " threads");
      const bool is_of_planes = row.route.ends_with("winograd");
      CHECK(row.weight_error <= (is_of_planes ? kMostOfPlanes : kMost));
      CHECK(row.bias_error <= kMost);
    }
  }
}

TEST_CASE("digits are measured on every route that computes weight gradients") {
  Engine engine(1);
  std::string taken;
  for (const GradientDigits& row : measure_gradient_digits(engine, 16)) taken += row.route + " > ";
  for (const Route& route : convolution_routes().list()) {
    INFO(std::string(route.name));
    CHECK(taken.find(std::string(route.name) + " > ") != std::string::npos);
  }
}

}  // namespace lucid::test
