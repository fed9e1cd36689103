#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "data/augment/augmented.h"
#include "data/augment/noise.h"
#include "kernels/simd/logarithm.h"
#include "support/approx.h"

namespace lucid {
namespace {

using test::approx;
using test::augmented;
using test::counting_sample;

struct Statistics {
  double mean = 0, deviation = 0, skewness = 0, kurtosis = 0;
};

Statistics statistics_of(std::span<const float> values) {
  Statistics s;
  const auto count = static_cast<double>(values.size());
  for (const float x : values) s.mean += x / count;
  double square = 0, cube = 0, fourth = 0;
  for (const float x : values) {
    const double from_mean = x - s.mean;
    square += from_mean * from_mean / count;
    cube += from_mean * from_mean * from_mean / count;
    fourth += from_mean * from_mean * from_mean * from_mean / count;
  }
  s.deviation = std::sqrt(square);
  s.skewness = cube / std::pow(square, 1.5);
  s.kurtosis = fourth / (square * square);
  return s;
}

// Random values from 1 to 3 leave no order to rely on.
AugmentedSample random_sample(const Triple& extents, std::int64_t channels) {
  Rng rng(3, "volume");
  std::vector<float> volume(
      static_cast<std::size_t>(channels * extents[0] * extents[1] * extents[2]));
  for (float& x : volume) x = rng.uniform(1, 3);
  return test::sample_of(extents, volume);
}

// Blurs along one axis with the border voxel repeated.
std::vector<double> blurred(const std::vector<double>& volume, const Triple& extents,
                            std::size_t axis, double deviation) {
  const Triple strides{extents[1] * extents[2], extents[2], 1};
  const auto radius = static_cast<std::int64_t>(4 * deviation + 0.5);
  std::vector<double> result(volume.size());
  for (std::int64_t at = 0; at < std::ssize(volume); ++at) {
    const std::int64_t place = at / strides[axis] % extents[axis];
    double sum = 0, weights = 0;
    for (std::int64_t k = -radius; k <= radius; ++k) {
      const double weight = std::exp(-static_cast<double>(k * k) / (2 * deviation * deviation));
      const std::int64_t from = std::clamp<std::int64_t>(place + k, 0, extents[axis] - 1);
      sum += weight * volume[static_cast<std::size_t>(at + (from - place) * strides[axis])];
      weights += weight;
    }
    result[static_cast<std::size_t>(at)] = sum / weights;
  }
  return result;
}

}  // namespace

TEST_CASE("the logarithm in vector code agrees with the C library's") {
  for (float x = 1e-37F; x < 1e37F; x *= 1.37F)
    CHECK(log_of(x) == doctest::Approx(std::log(static_cast<double>(x))).epsilon(3e-7));
  CHECK(log_of(1) == 0);
}

// The bounds are five standard errors of 400,000 values.
TEST_CASE("added noise is normal, and no two parts of it are alike") {
  std::vector<float> values(400000, 10.F);
  Rng rng(5, "noise");
  add_normal(rng, 0.5F, 2, values);
  const Statistics s = statistics_of(values);
  CHECK(std::abs(s.mean - 10.5) < 5 * 2 / std::sqrt(4e5));
  CHECK(std::abs(s.deviation - 2) < 5 * 2 / std::sqrt(8e5));
  CHECK(std::abs(s.skewness) < 5 * std::sqrt(6 / 4e5));
  CHECK(std::abs(s.kurtosis - 3) < 5 * std::sqrt(24 / 4e5));
  for (const std::size_t lag : {1U, 2U, 64U, 2048U, 4096U}) {
    CAPTURE(lag);
    double together = 0;
    for (std::size_t i = lag; i < values.size(); ++i)
      together += (values[i] - 10.5) * (values[i - lag] - 10.5) / 4;
    CHECK(std::abs(together) < 5 * std::sqrt(4e5));
  }
  for (const double limit : {1.0, 2.0, 3.0}) {
    const auto within =
        std::ranges::count_if(values, [=](float x) { return std::abs(x - 10.5) < 2 * limit; });
    const double share = std::erf(limit / std::sqrt(2.0));
    CHECK(std::abs(static_cast<double>(within) - 4e5 * share) <
          5 * std::sqrt(4e5 * share * (1 - share)));
  }
}

TEST_CASE("RandomNoise draws its mean and deviation, leaving labels alone") {
  const auto noisy = [](const std::string& keys, std::uint64_t seed) {
    return augmented(
        R"([{"type": "RandomNoise")" + keys + "}]",
        test::sample_of({30, 30, 30}, std::vector<float>(27000), std::vector<float>(27000)), seed);
  };
  const AugmentedSample fixed = noisy(R"(, "mean": [2, 2], "std": [0.5, 0.5])", 1);
  CHECK(statistics_of(fixed.volume.values).mean == doctest::Approx(2).epsilon(0.01));
  CHECK(statistics_of(fixed.volume.values).deviation == doctest::Approx(0.5).epsilon(0.03));
  CHECK(fixed.labels.values == std::vector<float>(27000));
  std::set<double> drawn;
  for (std::uint64_t seed = 0; seed < 8; ++seed)
    drawn.insert(statistics_of(noisy(R"(, "std": 0.5)", seed).volume.values).deviation);
  CHECK(drawn.size() == 8);
  CHECK(*drawn.rbegin() < 0.52);
  CHECK(statistics_of(noisy("", 2).volume.values).deviation < 0.26);
}

TEST_CASE("RandomBlur is a gaussian along each axis, the border continued") {
  const Triple extents{7, 9, 20};
  const AugmentedSample sample = random_sample(extents, 2);
  const AugmentedSample soft =
      augmented(R"([{"type": "RandomBlur", "std": [0.7, 0.7, 1.5, 1.5, 4, 4]}])", sample);
  for (std::int64_t c = 0; c < 2; ++c) {
    const std::size_t count = 7 * 9 * 20, at = static_cast<std::size_t>(c) * count;
    std::vector<double> expected(
        sample.volume.values.begin() + static_cast<std::ptrdiff_t>(at),
        sample.volume.values.begin() + static_cast<std::ptrdiff_t>(at + count));
    expected = blurred(blurred(blurred(expected, extents, 0, 0.7), extents, 1, 1.5), extents, 2, 4);
    CHECK(std::span(soft.volume.values).subspan(at, count) == approx(expected).within(2e-6));
  }
  CHECK(augmented(R"([{"type": "RandomBlur", "std": 0}])", sample).volume.values ==
        sample.volume.values);
  std::set<std::vector<float>> seen;
  for (std::uint64_t seed = 0; seed < 8; ++seed)
    seen.insert(
        augmented(R"([{"type": "RandomBlur", "std": [0, 0, 1]}])", sample, seed).volume.values);
  CHECK(seen.size() > 5);
}

TEST_CASE("RandomBrightnessContrast scales around the mean of each channel and shifts") {
  const AugmentedSample sample = random_sample({5, 6, 7}, 2);
  const AugmentedSample changed = augmented(
      R"([{"type": "RandomBrightnessContrast", "brightness": [0.25, 0.25], "contrast": [1.5, 1.5]}])",
      sample);
  std::vector<double> expected;
  for (std::size_t c = 0; c < 2; ++c) {
    const auto values = std::span(sample.volume.values).subspan(c * 210, 210);
    const double mean = statistics_of(values).mean;
    for (const float x : values) expected.push_back((x - mean) * 1.5 + mean + 0.25);
  }
  CHECK(changed.volume.values == approx(expected).within(1e-6));
  CHECK(
      augmented(R"([{"type": "RandomBrightnessContrast", "brightness": 0, "contrast": 0}])", sample)
          .volume.values == sample.volume.values);
  CHECK(augmented(R"([{"type": "RandomBrightnessContrast"}])", sample).volume.values !=
        sample.volume.values);
}

// Errors of the scaled value, 1e-7 of the range of 20, grow with the exponent, up to 20.
TEST_CASE("RandomGamma raises each channel, scaled to 0 .. 1, to a power") {
  AugmentedSample sample = random_sample({5, 6, 7}, 2);
  for (std::size_t i = 210; i < 420; ++i) sample.volume.values[i] *= -10;
  for (const double log_gamma : {-2.5, -0.7, 0.4, 3.0}) {
    CAPTURE(log_gamma);
    const std::string ends = std::to_string(log_gamma);
    const AugmentedSample changed =
        augmented(R"([{"type": "RandomGamma", "log_gamma": [)" + ends + "," + ends + "]}]", sample);
    std::vector<double> expected;
    for (std::size_t c = 0; c < 2; ++c) {
      const auto values = std::span(sample.volume.values).subspan(c * 210, 210);
      const double low = *std::ranges::min_element(values),
                   high = *std::ranges::max_element(values);
      for (const float x : values)
        expected.push_back(low +
                           (high - low) * std::pow((x - low) / (high - low), std::exp(log_gamma)));
    }
    CHECK(changed.volume.values == approx(expected).within(0, 5e-5));
    CHECK(*std::ranges::min_element(changed.volume.values) ==
          *std::ranges::min_element(sample.volume.values));
  }
  CHECK(augmented(R"([{"type": "RandomGamma", "log_gamma": 0}])", sample).volume.values ==
        sample.volume.values);
  const AugmentedSample flat = test::sample_of({1, 2, 2}, {3, 3, 3, 3});
  CHECK(augmented(R"([{"type": "RandomGamma"}])", flat).volume.values == flat.volume.values);
}

TEST_CASE("RandomCutout fills boxes of all channels within the volume") {
  std::set<std::size_t> first;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const AugmentedSample sample = counting_sample({4, 5, 6});
    const AugmentedSample cut =
        augmented(R"([{"type": "RandomCutout", "size": [2, 5, 3], "fill": -7}])", sample, seed);
    CHECK(cut.labels.values == sample.labels.values);
    CHECK(std::ranges::count(cut.volume.values, -7.F) == 2 * 2 * 5 * 3);
    for (std::size_t i = 0; i < 120; ++i)
      REQUIRE((cut.volume.values[i] == -7) == (cut.volume.values[i + 120] == -7));
    const auto corner = static_cast<std::size_t>(std::ranges::find(cut.volume.values, -7.F) -
                                                 cut.volume.values.begin());
    first.insert(corner);
    for (const std::size_t other : {corner + 2, corner + 24, corner + 30 + 26})
      REQUIRE(cut.volume.values[other] == -7);
  }
  CHECK(first.size() == 3 * 1 * 4);
}

TEST_CASE("RandomCutout draws how many boxes, and how large they are") {
  std::set<std::int64_t> sizes, holes;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto cut = [&](const std::string& keys) {
      return std::ranges::count(
          augmented(R"([{"type": "RandomCutout", "fill": -7)" + keys + "}]",
                    test::sample_of({1, 1, 400}, std::vector<float>(400)), seed)
              .volume.values,
          -7.F);
    };
    sizes.insert(cut(R"(, "size": 1, "max_size": [1, 1, 3])"));
    holes.insert(cut(R"(, "size": 1, "holes": 0, "max_holes": 2)"));
  }
  CHECK(sizes == std::set<std::int64_t>{1, 2, 3});
  CHECK(holes == std::set<std::int64_t>{0, 1, 2});
}

}  // namespace lucid
