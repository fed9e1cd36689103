#include "data/statistics/normalization.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/volumes/memory_set.h"
#include "support/approx.h"

using namespace lucid;
using namespace lucid::test;

namespace {

Normalization measured(const Dataset& set, const NormalizationRule& rule = {}) {
  return measure_normalization(rule, static_cast<std::size_t>(set.sample_shape()[0]),
                               [&](const VoxelVisitor& visit) { set.walk_samples(visit); });
}

// Measures the values in pieces, as a volume is read.
Normalization measured(const std::vector<float>& values, const NormalizationRule& rule) {
  return measure_normalization(rule, 1, [&](const VoxelVisitor& visit) {
    for (std::size_t at = 0; at < values.size(); at += 7)
      visit("", 0, std::span(values).subspan(at, std::min<std::size_t>(7, values.size() - at)));
  });
}

}  // namespace

TEST_CASE("mean and population deviation are those of each channel over the set") {
  MemorySet set;
  set.shape = Shape{2, 1, 1, 2};
  set.samples = {{1, 3, 10, 10}, {5, 7, 10, 10}};
  const Normalization found = measured(set);
  CHECK(found.mean == approx({4, 10}));
  CHECK(found.std == approx({2.23606797749979, 1}).within(1e-7));
}

TEST_CASE("a large mean does not drown a small deviation") {
  MemorySet set;
  set.shape = Shape{1, 1, 1, 17};
  for (int i = 0; i < 100; ++i) set.samples.emplace_back(17, i % 2 == 0 ? 8388608.0F : 8388609.0F);
  CHECK(measured(set).std == approx({0.5}).within(1e-6));
}

TEST_CASE("equal values count as a deviation of 1 whatever they are") {
  MemorySet set;
  set.shape = Shape{1, 1, 1, 13};
  set.samples.assign(7, std::vector<float>(13, 0.1F));
  const Normalization found = measured(set);
  CHECK(found.mean == std::vector<float>{0.1F});
  CHECK(found.std == std::vector<float>{1});
}

TEST_CASE("a normalization applies per channel, or one to all") {
  std::vector<float> sample{1, 2, 3, 4};
  Normalization{{1, 2}, {2, 4}}.apply(sample, 2);
  CHECK(sample == approx({0, 0.5, 0.25, 0.5}));
  Normalization{{0.5}, {0.5}}.apply(sample, 2);
  CHECK(sample == approx({-1, 0, -0.5, 0}));
  Normalization{}.apply(sample, 2);
  CHECK(sample == approx({-1, 0, -0.5, 0}));
}

TEST_CASE("percentiles are interpolated between the numbers, whatever these are") {
  constexpr NormalizationRule kRule{.type = NormalizationType::kPercentile, .low = 10, .high = 75};
  // The percentiles lie at positions 0.9 and 6.75 among ten values.
  const std::vector<std::vector<float>> rows{
      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
      {-3, 250, 7, -8, 0, 90, 1, 2, -1, 5},
      {1.5e-3F, -2.25F, 3.1415926F, 1e9F, -1e-20F, 0.1F, 0.10000001F, 77.7F, -5e5F, 0.3F},
      {3, 3, 3, 3, 3, 3, 3, 3, 3, 3}};
  for (const std::vector<float>& row : rows) {
    std::vector<float> sorted = row;
    std::ranges::sort(sorted);
    const float low = sorted[0] + 0.9F * (sorted[1] - sorted[0]);
    const float high = sorted[6] + 0.75F * (sorted[7] - sorted[6]);
    const Normalization found = measured(row, kRule);
    CHECK(found.min == approx({low}).within(1e-6));
    CHECK(found.max == approx({high}).within(1e-6));
    CHECK(found.mean == found.min);
    CHECK(found.std == approx({high == low ? 1 : high - low}).within(1e-6));
  }
}

TEST_CASE("the range of a volume goes from 0 to 1, channel by channel") {
  constexpr NormalizationRule kMinmax{.type = NormalizationType::kPercentile,
                                      .per = NormalizedPer::kVolume};
  std::vector<float> volume{2, 4, 3, -10, 0, 10};
  volume_normalization(kMinmax, volume, 2).apply(volume, 2);
  CHECK(volume == approx({0, 1, 0.5, 0, 0.5, 1}));
}

TEST_CASE("values beyond the percentiles are clipped before mean and deviation are measured") {
  const std::vector<float> values{1000, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3};
  const Normalization found = measured(values, {.low = 10, .high = 90});
  CHECK(found.min == approx({1}));
  CHECK(found.max == approx({3}));
  CHECK(found.mean == approx({23.0 / 11}).within(1e-6));
  std::vector<float> applied{1000, 1};
  found.apply(applied, 1);
  CHECK(applied[0] == doctest::Approx((3 - 23.0 / 11) / found.std[0]));
}

TEST_CASE("a volume is measured without the values that are not finite") {
  const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
  for (const NormalizationRule& rule :
       {NormalizationRule{}, NormalizationRule{.type = NormalizationType::kPercentile}}) {
    const Normalization found = measured({1, nan, 2, infinity, 4}, rule);
    const Normalization wanted = measured({1, 2, 4}, rule);
    CHECK(found.mean == wanted.mean);
    CHECK(found.std == wanted.std);
    CHECK(measured({nan, nan}, rule).mean == std::vector<float>{0});
    CHECK(measured({nan, nan}, rule).std == std::vector<float>{1});
  }
}

TEST_CASE("percentiles that are equal give way to the smallest and the largest value") {
  std::vector<float> values(1000, 0.F);
  values[7] = 2;
  values[8] = -1;
  constexpr NormalizationRule kPercentile{
      .type = NormalizationType::kPercentile, .low = 0.5, .high = 99.5};
  const Normalization found = measured(values, kPercentile);
  CHECK(found.min == std::vector<float>{-1});
  CHECK(found.max == std::vector<float>{2});
  CHECK(found.std == std::vector<float>{3});
  CHECK(found.notes ==
        std::vector<std::string>{"channel 0: its percentiles 0.5 and 99.5 are equal, 0; its "
                                 "smallest and largest value, -1 and 2, are used instead"});
  const Normalization clipped = measured(values, {.low = 0.5, .high = 99.5});
  CHECK(clipped.max == std::vector<float>{2});
  CHECK(clipped.std[0] > 0.05F);
}

TEST_CASE("equal values become 0, and a note says so") {
  const std::vector<float> values(10, 7.F);
  for (const NormalizationRule& rule :
       {NormalizationRule{}, NormalizationRule{.type = NormalizationType::kPercentile},
        NormalizationRule{.low = 5, .high = 95}}) {
    const Normalization found = measured(values, rule);
    CHECK(found.std == std::vector<float>{1});
    CHECK(found.notes ==
          std::vector<std::string>{"channel 0: all of its values are 7 and become 0, of which "
                                   "nothing can be learned"});
  }
}

TEST_CASE("voxels that are 0 are outside of a mask: they do not count and stay 0") {
  constexpr NormalizationRule kMasked{.low = 0, .high = 100, .is_masked = true};
  std::vector<float> volume{0, 4, 0, 8, 0, 6};
  const Normalization found = measured(volume, kMasked);
  CHECK(found.mean == approx({6}));
  CHECK(found.std == approx({std::sqrt(8.0 / 3)}).within(1e-6));
  found.apply(volume, 1);
  CHECK(volume == approx({0, -1.224744871, 0, 1.224744871, 0, 0}).within(0, 1e-6));
  const Normalization again = normalization_of(stored_values(found));
  CHECK(again.keeps_zeros);
  CHECK(again.mean == found.mean);
  std::vector<float> values{0, 1, 5};
  Normalization{{1}, {1}, {2}, {3}, true}.apply(values, 1);
  CHECK(values == approx({0, 1, 2}));
}
