#include "kernels/elementwise/dropout.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "kernels/layout/panel_orders.h"
#include "tensor/engine.h"

namespace lucid::test {
namespace {

// Returns dropout of ones, in plain order.
std::vector<float> mask(const Panels& panels, DropUnit unit, double p, std::uint64_t key) {
  std::vector<float> x(storage_count(panels), 1), y(x.size());
  drop({panels, unit, p}, key, x.data(), y.data());
  return plain_order(panels, y);
}

std::int64_t kept(const std::vector<float>& values) {
  return std::ranges::count_if(values, [](float value) { return value != 0; });
}

// Five deviations of a binomial count.
double slack(std::size_t count, double p) {
  return 5 * std::sqrt(static_cast<double>(count) * p * (1 - p));
}

const Panels kShape{.samples = 3, .channels = 17, .voxels = 1000};

}  // namespace

TEST_CASE("dropout keeps 1 - p of the values and scales them up") {
  for (const double p : {0.1, 0.5, 0.9}) {
    INFO("p ", p);
    const std::vector<float> values = mask(kShape, DropUnit::kElement, p, 1);
    const auto count = static_cast<double>(values.size());
    CHECK(std::abs(static_cast<double>(kept(values)) - (1 - p) * count) < slack(values.size(), p));
    const std::set<float> found(values.begin(), values.end());
    CHECK(found == std::set<float>{0.F, static_cast<float>(1 / (1 - p))});
  }
}

TEST_CASE("dropout keeps everything at p 0 and nothing at p 1") {
  for (const DropUnit unit : {DropUnit::kElement, DropUnit::kChannel}) {
    CHECK(mask(kShape, unit, 0, 1) == std::vector<float>(3 * 17 * 1000, 1));
    CHECK(mask(kShape, unit, 1, 1) == std::vector<float>(3 * 17 * 1000, 0));
  }
}

TEST_CASE("what dropout drops depends on no neighbour, channel, sample or key") {
  const std::vector<float> here = mask(kShape, DropUnit::kElement, 0.5, 1);
  const auto agreements = [&](const std::vector<float>& there, std::size_t distance) {
    std::size_t equal = 0;
    for (std::size_t i = distance; i < here.size(); ++i)
      if ((here[i] != 0) == (there[i - distance] != 0)) ++equal;
    return static_cast<double>(equal) - 0.5 * static_cast<double>(here.size() - distance);
  };
  for (const std::size_t distance : {1UL, 2UL, 3UL, 4UL, 8UL, 16UL, 64UL, 256UL, 1000UL, 17000UL})
    CHECK(std::abs(agreements(here, distance)) < slack(here.size(), 0.5));
  for (const std::uint64_t key : {0ULL, 2ULL, 3ULL, 1ULL << 32, 1ULL << 63})
    CHECK(std::abs(agreements(mask(kShape, DropUnit::kElement, 0.5, key), 0)) <
          slack(here.size(), 0.5));
}

TEST_CASE("how many of 64 neighbours dropout keeps varies as of coins") {
  const Panels shape{.samples = 4, .channels = 4, .voxels = 64 * 256};
  const std::vector<float> values = mask(shape, DropUnit::kElement, 0.3, 5);
  double square = 0;
  const std::size_t groups = values.size() / 64;
  for (std::size_t g = 0; g < groups; ++g) {
    const auto* first = values.data() + g * 64;
    const auto count = std::count_if(first, first + 64, [](float value) { return value != 0; });
    square += std::pow(static_cast<double>(count) - 0.7 * 64, 2) / static_cast<double>(groups);
  }
  CHECK(square == doctest::Approx(64 * 0.7 * 0.3).epsilon(0.1));
}

TEST_CASE("dropout drops the same values in every order and with any number of threads") {
  const Panels large{.samples = 2, .channels = 17, .voxels = 70000};
  const Engine before;
  for (const DropUnit unit : {DropUnit::kElement, DropUnit::kChannel}) {
    const std::vector<float> expected = mask(large, unit, 0.3, 9);
    const Engine three(3);
    for (const Panels& panels : panels_in_every_order(large))
      CHECK(mask(panels, unit, 0.3, 9) == expected);
    const Engine again(before.threads());
  }
}

TEST_CASE("dropout of channels drops whole channels of single samples") {
  const Panels shape{.samples = 40, .channels = 50, .voxels = 3};
  const std::vector<float> values = mask(shape, DropUnit::kChannel, 0.25, 4);
  std::int64_t channels = 0;
  for (std::size_t i = 0; i < values.size(); i += 3) {
    CHECK(values[i] == values[i + 1]);
    CHECK(values[i] == values[i + 2]);
    channels += values[i] != 0 ? 1 : 0;
  }
  CHECK(std::abs(static_cast<double>(channels) - 0.75 * 2000) < slack(2000, 0.25));
}

}  // namespace lucid::test
