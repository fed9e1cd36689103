#include "base/rng.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace lucid {

// Checkpoints and runs are reproducible only as long as these numbers do not change.
TEST_CASE("the first random numbers of a seed and stream are pinned") {
  Rng rng(42, 7);
  const std::array<std::uint64_t, 3> expected = {0x3d4bcc11a5dddee0U, 0x433d7601db2d17d4U,
                                                 0x39b397d348176d34U};
  for (const std::uint64_t number : expected) CHECK(rng.next() == number);
  Rng named(42, "init/conv1/weight");
  CHECK(named.next() == 0xde4422b6e4f200d3U);
  Rng real(1, 2);
  CHECK(real.uniform() == 0x1.2dd5862225528p-4);
}

TEST_CASE("seeds and streams do not stand for one another") {
  std::vector<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (std::uint64_t stream = 0; stream < 20; ++stream)
      firsts.push_back(Rng(seed, stream).next());
  std::ranges::sort(firsts);
  CHECK(std::ranges::adjacent_find(firsts) == firsts.end());
}

TEST_CASE("a permutation holds every number once and is a function of the generator") {
  for (const std::size_t count : {0U, 1U, 2U, 100U}) {
    Rng rng(3, 1), same(3, 1);
    std::vector<std::size_t> order = permutation(count, rng);
    CHECK(order == permutation(count, same));
    std::ranges::sort(order);
    std::vector<std::size_t> all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    CHECK(order == all);
  }
}

// 60,000 draws over the 6 orders of 3 elements give 10,000 each with a standard deviation of 91;
// the bound is five of them.
TEST_CASE("all permutations are equally likely") {
  Rng rng(5, 0);
  std::array<int, 27> counts{};
  for (int i = 0; i < 60000; ++i) {
    const auto order = permutation(3, rng);
    ++counts[order[0] * 9 + order[1] * 3 + order[2]];
  }
  CHECK(std::ranges::count_if(counts, [](int n) { return n > 0; }) == 6);
  for (const int count : counts)
    if (count > 0) CHECK(std::abs(count - 10000) < 456);
}

// 70,000 draws over 7 numbers give 10,000 each with a standard deviation of 93; the bound is five
// of them.
TEST_CASE("below is unbiased and stays below") {
  Rng rng(1, 0);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts.at(rng.below(counts.size()));
  for (const int count : counts) CHECK(std::abs(count - 10000) < 463);
  CHECK(rng.below(1) == 0);
}

// Numbers modulo 3 * 2^62 would be below 2^62 twice as often as above: 1/2 instead of 1/3.
TEST_CASE("below is unbiased where the bound is near 2^64") {
  Rng rng(2, 0);
  int low = 0;
  for (int i = 0; i < 9000; ++i) low += rng.below(3UL << 62) < (1UL << 62) ? 1 : 0;
  CHECK(std::abs(low - 3000) < 224);  // five standard deviations of 45
}

TEST_CASE("uniform numbers stay below their bound, even where float rounds up") {
  Rng rng(1, 1);
  const float low = 1.0F, high = std::nextafter(1.0F, 2.0F);
  for (int i = 0; i < 1000; ++i) CHECK(rng.uniform(low, high) == low);
  for (int i = 0; i < 1000; ++i) {
    const double value = rng.uniform();
    CHECK((value >= 0 && value < 1));
  }
}

// With 100,000 draws the standard errors are 0.0032 for the mean and 0.0045 for the mean square;
// the bounds are five of them.
TEST_CASE("normal numbers have mean 0 and deviation 1") {
  Rng rng(1, 3);
  double sum = 0, squares = 0;
  for (int i = 0; i < 100000; ++i) {
    const double value = rng.normal();
    sum += value;
    squares += value * value;
  }
  CHECK(std::abs(sum / 100000) < 0.016);
  CHECK(std::abs(squares / 100000 - 1) < 0.023);
}

TEST_CASE("numbers of a place are SplitMix64's and FNV-1a's") {
  CHECK(mixed(0) == 0xe220a8397b1dcdafU);
  CHECK(mixed(0x9e3779b97f4a7c15U) == 0x6e789e6aa1b965f4U);
  CHECK(hash_of("") == 0xcbf29ce484222325U);
  CHECK(hash_of("a") == 0xaf63dc4c8601ec8cU);
}

}  // namespace lucid
