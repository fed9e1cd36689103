#include "train/tensorboard/histogram.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/rng.h"
#include "support/event_reader.h"

namespace lucid {
namespace {

struct Histogram {
  explicit Histogram(const std::vector<float>& values) {
    const std::string message = histogram(values).bytes();
    low = test::wire_field(message, 1).as_double();
    high = test::wire_field(message, 2).as_double();
    count = test::wire_field(message, 3).as_double();
    sum = test::wire_field(message, 4).as_double();
    sum_of_squares = test::wire_field(message, 5).as_double();
    limits = test::packed_doubles(test::wire_field(message, 6).bytes);
    counts = test::packed_doubles(test::wire_field(message, 7).bytes);
  }
  double low, high, count, sum, sum_of_squares;
  std::vector<double> limits, counts;
};

// Normal values of all magnitudes of a gradient, of both signs, with zeros.
std::vector<float> many_values() {
  Rng rng(1, "histogram");
  std::vector<float> values;
  for (int i = 0; i < 5000; ++i)
    values.push_back(static_cast<float>(rng.normal()) *
                     std::ldexp(1.0F, -static_cast<int>(rng.below(40))));
  for (int i = 0; i < 7; ++i) values.push_back(i % 2 == 0 ? 0.0F : -0.0F);
  return values;
}

}  // namespace

TEST_CASE("a bucket of a histogram counts the values up to its limit") {
  const std::vector<float> values = many_values();
  const Histogram found(values);
  REQUIRE(found.limits.size() == found.counts.size());
  double below = -std::numeric_limits<double>::infinity(), all = 0;
  for (std::size_t i = 0; i < found.limits.size(); ++i) {
    const double limit = found.limits[i];
    CAPTURE(limit);
    REQUIRE(limit > below);
    // Limits are on the side of larger magnitudes: closed below 0, open above.
    const auto wanted = std::ranges::count_if(values, [&](float value) {
      const auto v = static_cast<double>(value);
      const bool is_above = below < 0 ? v > below : v >= below;
      return is_above && (limit <= 0 && v != 0 ? v <= limit : v < limit);
    });
    CHECK(found.counts[i] == static_cast<double>(wanted));
    all += found.counts[i];
    below = limit;
  }
  CHECK(all == 5007);
  CHECK(found.count == 5007);
  CHECK(found.counts.front() > 0);
  CHECK(found.counts.back() > 0);
}

TEST_CASE("a histogram tells the moments of its values") {
  const Histogram found({0.5F, -2, 1, 1});
  CHECK(found.low == -2);
  CHECK(found.high == 1);
  CHECK(found.count == 4);
  CHECK(found.sum == 0.5);
  CHECK(found.sum_of_squares == 6.25);
}

TEST_CASE("a gap in a histogram is one empty bucket") {
  const Histogram found({1, 1, 100});
  CHECK(found.counts == std::vector<double>{2, 0, 1});
  CHECK(found.limits == std::vector<double>{1.25, 96, 112});
}

TEST_CASE("values at the ends of float's range have buckets") {
  const float largest = std::numeric_limits<float>::max();
  const float smallest = std::numeric_limits<float>::denorm_min();
  const Histogram found({largest, -largest, smallest, -smallest});
  CHECK(found.counts == std::vector<double>{1, 0, 1, 1, 0, 1});
  for (const double limit : found.limits) CHECK(std::isfinite(limit));
}

TEST_CASE("a histogram leaves out what is not finite, and may be empty") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(Histogram({nan, 3, -infinity}).counts == std::vector<double>{1});
  const Histogram empty({nan, infinity});
  CHECK(empty.count == 0);
  CHECK(empty.low == 0);
  CHECK(empty.high == 0);
  CHECK(empty.counts.empty());
}

TEST_CASE("equal values are one bucket") {
  const Histogram found(std::vector<float>(9, 0.0F));
  CHECK(found.counts == std::vector<double>{9});
  CHECK(found.low == 0);
  CHECK(found.high == 0);
}

}  // namespace lucid
