#include "plan/live_ranges.h"

#include <doctest/doctest.h>

#include <tuple>

namespace lucid {
namespace {

using Numbers = std::vector<std::tuple<std::size_t, std::size_t, int, int>>;

Numbers numbers(const std::vector<LiveRange>& ranges) {
  Numbers all;
  for (const LiveRange& range : ranges)
    all.emplace_back(range.begin, range.end, range.first_step, range.last_step);
  return all;
}

}  // namespace

TEST_CASE("bytes live from the first to the last step that touches them, not the others") {
  // Two halves are written one by one, the whole is read, the first half is read once more.
  const std::vector<LiveRange> touched = {
      {64, 128, 3, 3}, {0, 64, 1, 1}, {0, 128, 4, 4}, {0, 64, 9, 9}};
  CHECK(numbers(live_ranges(touched)) == Numbers{{0, 64, 1, 9}, {64, 128, 3, 4}});
}

TEST_CASE("ranges that overlap are cut where others begin and end") {
  const std::vector<LiveRange> touched = {{0, 100, 2, 2}, {50, 150, 5, 5}, {200, 300, 7, 7}};
  CHECK(numbers(live_ranges(touched)) ==
        Numbers{{0, 50, 2, 2}, {50, 100, 2, 5}, {100, 150, 5, 5}, {200, 300, 7, 7}});
  CHECK(live_ranges({}).empty());
}

TEST_CASE("what has no bytes still has its time") {
  CHECK(numbers(live_ranges({{0, 0, 2, 2}, {0, 0, 4, 4}})) == Numbers{{0, 0, 2, 4}});
}

}  // namespace lucid
