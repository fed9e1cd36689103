#include "plan/arena.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/rng.h"

namespace lucid {
namespace {

std::size_t rounded_up(std::size_t bytes, std::size_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

std::vector<Lifetime> random_lifetimes(Rng& rng) {
  std::vector<Lifetime> lifetimes(rng.below(40));
  for (Lifetime& lifetime : lifetimes) {
    const int first = static_cast<int>(rng.below(30));
    lifetime = {rng.below(5000), first, first + static_cast<int>(rng.below(10))};
  }
  return lifetimes;
}

bool share_a_step(const Lifetime& a, const Lifetime& b) {
  return std::max(a.first_step, b.first_step) <= std::min(a.last_step, b.last_step);
}

// What busiest_step_bytes() counts, step by step.
std::size_t counted_busiest_step(const std::vector<Lifetime>& lifetimes, std::size_t alignment) {
  std::size_t most = 0;
  for (int step = 0; step < 40; ++step) {
    std::size_t bytes = 0;
    for (const Lifetime& lifetime : lifetimes)
      if (lifetime.first_step <= step && step <= lifetime.last_step)
        bytes += rounded_up(lifetime.bytes, alignment);
    most = std::max(most, bytes);
  }
  return most;
}

void check_no_overlap(const std::vector<Lifetime>& lifetimes, const Placement& placement) {
  for (std::size_t i = 0; i < lifetimes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      if (!share_a_step(lifetimes[i], lifetimes[j])) continue;
      const bool apart = placement.offsets[i] + lifetimes[i].bytes <= placement.offsets[j] ||
                         placement.offsets[j] + lifetimes[j].bytes <= placement.offsets[i];
      CHECK(apart);
    }
}

}  // namespace

TEST_CASE("buffers that are alive together never overlap in the arena") {
  Rng rng(1, 0);
  for (int round = 0; round < 300; ++round) {
    const std::vector<Lifetime> lifetimes = random_lifetimes(rng);
    check_no_overlap(lifetimes, place(lifetimes));
  }
}

TEST_CASE("the arena is aligned, holds every buffer and is no larger than all of them") {
  Rng rng(2, 0);
  for (int round = 0; round < 300; ++round) {
    const std::size_t alignment = std::size_t{1} << rng.below(13);
    const std::vector<Lifetime> lifetimes = random_lifetimes(rng);
    const Placement placement = place(lifetimes, alignment);
    std::size_t sum = 0;
    REQUIRE(placement.offsets.size() == lifetimes.size());
    for (std::size_t i = 0; i < lifetimes.size(); ++i) {
      CHECK(placement.offsets[i] % alignment == 0);
      CHECK(placement.offsets[i] + lifetimes[i].bytes <= placement.total);
      sum += rounded_up(lifetimes[i].bytes, alignment);
    }
    CHECK(placement.total <= sum);
    const std::size_t busiest = counted_busiest_step(lifetimes, alignment);
    CHECK(busiest_step_bytes(lifetimes, alignment) == busiest);
    CHECK(placement.total >= busiest);
  }
}

TEST_CASE("buffers of different times share their place") {
  const std::vector<Lifetime> lifetimes = {{128, 0, 1}, {128, 2, 3}, {128, 4, 5}};
  const Placement placement = place(lifetimes);
  CHECK(placement.offsets == std::vector<std::size_t>{0, 0, 0});
  CHECK(placement.total == 128);
}

TEST_CASE("a buffer read in the step that writes another keeps its own place") {
  const std::vector<Lifetime> lifetimes = {{100, 0, 1}, {100, 1, 2}};
  CHECK(place(lifetimes).total == 256);
}

TEST_CASE("a small buffer fills the gap between two large ones") {
  const std::vector<Lifetime> lifetimes = {{256, 0, 9}, {192, 0, 3}, {128, 0, 9}, {64, 5, 9}};
  const Placement placement = place(lifetimes);
  CHECK(placement.offsets == std::vector<std::size_t>{0, 256, 448, 256});
  CHECK(placement.total == 576);
}

TEST_CASE("a buffer that largest first puts on top finds a place below") {
  // Largest first puts the last one on top, at 384; the fourth between the first and the third.
  const std::vector<Lifetime> lifetimes = {{256, 0, 1}, {192, 2, 5}, {128, 1, 2},
                                           {64, 5, 6},  {192, 6, 8}, {128, 3, 6}};
  CHECK(place(lifetimes).total == busiest_step_bytes(lifetimes));
}

TEST_CASE("an arena of nothing is empty") {
  CHECK(place({}).total == 0);
  CHECK(place(std::vector<Lifetime>{{0, 0, 0}}).total == 0);
}

}  // namespace lucid
