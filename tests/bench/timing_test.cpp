#include "bench/timing.h"

#include <doctest/doctest.h>

namespace lucid {

TEST_CASE("the median is the one in the middle, or the mean of two") {
  CHECK(median({3}) == 3);
  CHECK(median({9, 1, 2}) == 2);
  CHECK(median({8, 1, 2, 4}) == 3);
}

TEST_CASE("work is repeated so often and so long, after two runs that are not counted") {
  int runs = 0;
  CHECK(time_of({.repeats = 3, .seconds = 0}, [&] { ++runs; }).size() == 3);
  CHECK(runs == 5);
  double sum = 0;
  for (const double seconds : time_of({.repeats = 1, .seconds = 0.01}, [] {
         for (const Stopwatch watch; watch.seconds() < 0.001;) continue;
       })) {
    CHECK(seconds >= 0.001);
    sum += seconds;
  }
  CHECK(sum > 0.005);
}

}  // namespace lucid
