#include "data/normalization.h"

#include <doctest/doctest.h>

#include "data/memory_set.h"
#include "support/approx.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("mean and population deviation are those of each channel over the set") {
  MemorySet set;
  set.shape = Shape{2, 1, 1, 2};
  set.samples = {{1, 3, 10, 10}, {5, 7, 10, 10}};
  const Normalization found = measure_normalization(set);
  CHECK(found.mean == approx({4, 10}));
  CHECK(found.std == approx({2.23606797749979, 1}).within(1e-7));
}

TEST_CASE("a large mean does not drown a small deviation") {
  MemorySet set;
  set.shape = Shape{1, 1, 1, 17};
  for (int i = 0; i < 100; ++i) set.samples.emplace_back(17, i % 2 == 0 ? 8388608.0F : 8388609.0F);
  CHECK(measure_normalization(set).std == approx({0.5}).within(1e-6));
}

TEST_CASE("equal values count as a deviation of 1 whatever they are") {
  MemorySet set;
  set.shape = Shape{1, 1, 1, 13};
  set.samples.assign(7, std::vector<float>(13, 0.1F));
  const Normalization found = measure_normalization(set);
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
