#include "support/approx.h"

#include <doctest/doctest.h>

#include <limits>
#include <sstream>

using lucid::test::approx;

TEST_CASE("approx accepts what is within either tolerance") {
  const std::vector<float> found = {1.0F, 100.5F, 0.001F};
  CHECK(found == approx({1.0, 100.0, 0.0}).within(0.01, 0.01));
  CHECK_FALSE(found == approx({1.0, 100.0, 0.0}).within(0.01));
  CHECK_FALSE(found == approx({1.0, 100.0}).within(1.0, 1.0));
}

TEST_CASE("approx takes NaN for NaN alone and an infinity for itself alone") {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  CHECK(std::vector<double>{kNan, kInfinity} == approx({kNan, kInfinity}).within(1e-3));
  CHECK_FALSE(std::vector<double>{kNan} == approx({0.0}).within(1e3));
  CHECK_FALSE(std::vector<double>{kInfinity} == approx({-kInfinity}).within(1.0, 1.0));
  CHECK_FALSE(std::vector<double>{1.0} == approx({kInfinity}).within(1.0, 1.0));
}

TEST_CASE("approx prints the first bad index, both values and the largest difference") {
  const auto wanted = approx({1.0, 2.0, 3.0}).within(0, 0.5);
  CHECK_FALSE(std::vector<double>{1.0, 4.0, 6.5} == wanted);
  std::ostringstream text;
  text << wanted;
  CHECK(text.str() == "at 1: expected 2, found 4; 2 of 3 are off, the largest difference is 3.5");
}
