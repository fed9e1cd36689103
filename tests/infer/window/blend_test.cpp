#include "infer/window/blend.h"

#include <doctest/doctest.h>

#include <cmath>

#include "support/approx.h"

namespace lucid {
namespace {

using test::approx;

std::vector<double> sums_of(const AxisWindows& windows, const std::vector<WindowWeights>& weights) {
  std::vector<double> sums(static_cast<std::size_t>(windows.extended));
  for (std::size_t i = 0; i < weights.size(); ++i)
    for (std::int64_t at = weights[i].begin; at < weights[i].end; ++at)
      sums[static_cast<std::size_t>(windows.starts[i] + at)] +=
          static_cast<double>(weights[i].weights[static_cast<std::size_t>(at - weights[i].begin)]);
  return sums;
}

}  // namespace

TEST_CASE("the weights of all windows at a voxel add up to one") {
  const std::optional<SpoiltBorder> borders[] = {std::nullopt, SpoiltBorder{0, 0},
                                                 SpoiltBorder{5, 3}, SpoiltBorder{40, 40}};
  for (const Blend blend : {Blend::kGaussian, Blend::kConstant})
    for (const auto& border : borders)
      for (const std::int64_t overlap : {0, 3, 8, 12})
        for (const std::int64_t extent : {5, 16, 17, 40, 100}) {
          CAPTURE(blend);
          CAPTURE(overlap);
          CAPTURE(extent);
          const AxisWindows windows = place_windows(extent, {16, 1, overlap});
          const auto sums = sums_of(windows, blend_weights(windows, blend, border));
          CHECK(sums == approx(std::vector<double>(sums.size(), 1.0)).within(0, 1e-6));
        }
}

TEST_CASE("spoilt voxels count for nothing at inner borders where the overlap covers them") {
  const AxisWindows windows = place_windows(28, {16, 1, 4});
  REQUIRE(windows.starts == std::vector<std::int64_t>{0, 12});
  const auto weights = blend_weights(windows, Blend::kConstant, SpoiltBorder{2, 1});
  CHECK(weights[0].begin == 0);
  CHECK(weights[0].end == 15);
  CHECK(weights[1].begin == 2);
  CHECK(weights[1].end == 16);
  CHECK(weights[0].weights[13] == 1);
  CHECK(weights[0].weights[14] == 0.5F);
  CHECK(weights[1].weights[0] == 0.5F);
  CHECK(weights[1].weights[1] == 1);
}

TEST_CASE("where the overlap is smaller than what is spoilt its inner half is blended") {
  const AxisWindows windows = place_windows(24, {16, 1, 8});
  for (const auto& spoilt : {std::optional<SpoiltBorder>(), {SpoiltBorder{5, 4}}}) {
    const auto weights = blend_weights(windows, Blend::kConstant, spoilt);
    CHECK(weights[0].end == 14);
    CHECK(weights[1].begin == 2);
  }
}

TEST_CASE("a gaussian's deviation is an eighth of the window") {
  const AxisWindows windows = place_windows(24, {16, 1, 8});
  const auto weights = blend_weights(windows, Blend::kGaussian, SpoiltBorder{0, 0});
  const auto bell = [](double at) { return std::exp(-0.5 * std::pow((at - 7.5) / 2, 2)); };
  const double first = bell(9), second = bell(1);
  CHECK(static_cast<double>(weights[0].weights[9]) ==
        doctest::Approx(first / (first + second)).epsilon(1e-6));
}

}  // namespace lucid
