#include "plan/arena.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/rng.h"

namespace lucid {
namespace {

// A buffer that is needed as a whole.
struct Lifetime {
  std::size_t bytes;
  int first_step, last_step;
};

std::vector<Buffer> whole(const std::vector<Lifetime>& lifetimes) {
  std::vector<Buffer> buffers;
  for (const auto& [bytes, first, last] : lifetimes)
    buffers.push_back({bytes, {{0, bytes, first, last}}});
  return buffers;
}

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

// Of up to three ranges with other times, side by side or apart, each of whole cache lines.
std::vector<Buffer> random_buffers(Rng& rng) {
  std::vector<Buffer> buffers(rng.below(30), Buffer{0, {}});
  for (Buffer& buffer : buffers) {
    for (std::uint64_t count = rng.below(3) + 1; count > 0; --count) {
      const std::size_t begin = buffer.bytes + 64 * rng.below(2) * rng.below(8);
      const int first = static_cast<int>(rng.below(30));
      buffer.bytes = begin + 64 * rng.below(30);
      buffer.ranges.push_back(
          {begin, buffer.bytes, first, first + static_cast<int>(rng.below(10))});
    }
  }
  return buffers;
}

bool are_apart(const Buffer& a, std::size_t offset_a, const Buffer& b, std::size_t offset_b) {
  for (const LiveRange& x : a.ranges)
    for (const LiveRange& y : b.ranges) {
      const bool share_step =
          std::max(x.first_step, y.first_step) <= std::min(x.last_step, y.last_step);
      const bool share_bytes = std::max(offset_a + x.begin, offset_b + y.begin) <
                               std::min(offset_a + x.end, offset_b + y.end);
      if (share_step && share_bytes) return false;
    }
  return true;
}

}  // namespace

TEST_CASE("buffers that are alive together never overlap in the arena") {
  Rng rng(1, 0);
  for (int round = 0; round < 300; ++round) {
    const std::vector<Lifetime> lifetimes = random_lifetimes(rng);
    check_no_overlap(lifetimes, place(whole(lifetimes)));
  }
}

TEST_CASE("the arena is aligned, holds every buffer and is no larger than all of them") {
  Rng rng(2, 0);
  for (int round = 0; round < 300; ++round) {
    const std::size_t alignment = std::size_t{1} << rng.below(13);
    const std::vector<Lifetime> lifetimes = random_lifetimes(rng);
    const Placement placement = place(whole(lifetimes), alignment);
    std::size_t sum = 0;
    REQUIRE(placement.offsets.size() == lifetimes.size());
    for (std::size_t i = 0; i < lifetimes.size(); ++i) {
      CHECK(placement.offsets[i] % alignment == 0);
      CHECK(placement.offsets[i] + lifetimes[i].bytes <= placement.total);
      sum += rounded_up(lifetimes[i].bytes, alignment);
    }
    CHECK(placement.total <= sum);
    const std::size_t busiest = counted_busiest_step(lifetimes, alignment);
    CHECK(busiest_step_bytes(whole(lifetimes), alignment) == busiest);
    CHECK(placement.total >= busiest);
  }
}

TEST_CASE("buffers of different times share their place") {
  const std::vector<Lifetime> lifetimes = {{128, 0, 1}, {128, 2, 3}, {128, 4, 5}};
  const Placement placement = place(whole(lifetimes));
  CHECK(placement.offsets == std::vector<std::size_t>{0, 0, 0});
  CHECK(placement.total == 128);
}

TEST_CASE("a buffer read in the step that writes another keeps its own place") {
  const std::vector<Lifetime> lifetimes = {{100, 0, 1}, {100, 1, 2}};
  CHECK(place(whole(lifetimes)).total == 256);
}

TEST_CASE("a small buffer fills the gap between two large ones") {
  const std::vector<Lifetime> lifetimes = {{256, 0, 9}, {192, 0, 3}, {128, 0, 9}, {64, 5, 9}};
  const Placement placement = place(whole(lifetimes));
  CHECK(placement.offsets == std::vector<std::size_t>{0, 256, 448, 256});
  CHECK(placement.total == 576);
}

TEST_CASE("a buffer that largest first puts on top finds a place below") {
  // Largest first puts the last one on top, at 384; the fourth between the first and the third.
  const std::vector<Lifetime> lifetimes = {{256, 0, 1}, {192, 2, 5}, {128, 1, 2},
                                           {64, 5, 6},  {192, 6, 8}, {128, 3, 6}};
  CHECK(place(whole(lifetimes)).total == busiest_step_bytes(whole(lifetimes)));
}

TEST_CASE("what is left of a buffer takes no more room than that") {
  // The second half of the first buffer is free in steps 2 and 3, its first half before.
  const std::vector<Buffer> buffers = {
      {256, {{0, 128, 2, 4}, {128, 256, 0, 1}}}, {128, {{0, 128, 2, 3}}}, {128, {{0, 128, 0, 1}}}};
  CHECK(busiest_step_bytes(buffers) == 256);
  const Placement placement = place(buffers);
  CHECK(placement.offsets == std::vector<std::size_t>{0, 128, 0});
  CHECK(placement.total == 256);
}

TEST_CASE("ranges that are alive together never overlap in the arena, whatever their buffers") {
  Rng rng(3, 0);
  for (int round = 0; round < 300; ++round) {
    const std::vector<Buffer> buffers = random_buffers(rng);
    const Placement placement = place(buffers);
    CHECK(placement.total >= busiest_step_bytes(buffers));
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      CHECK(placement.offsets[i] + buffers[i].bytes <= placement.total);
      for (std::size_t j = 0; j < i; ++j)
        CHECK(are_apart(buffers[i], placement.offsets[i], buffers[j], placement.offsets[j]));
    }
  }
}

TEST_CASE("an arena of nothing is empty") {
  CHECK(place({}).total == 0);
  CHECK(place(whole({{0, 0, 0}})).total == 0);
}

}  // namespace lucid
