#pragma once

#include <cstdint>
#include <vector>

#include "base/stopwatch.h"

namespace lucid {

// How often something is timed: until both are reached.
struct Repetition {
  std::int64_t repeats = 10;
  double seconds = 4;
};

double median(std::vector<double> seconds);  // of an even count: the mean of the two in the middle

// After two runs that are not counted. Returns the seconds of each run.
template <class Work>
std::vector<double> time_of(const Repetition& repetition, const Work& work) {
  work();
  work();
  std::vector<double> times;
  const Stopwatch whole;
  while (whole.seconds() < repetition.seconds ||
         static_cast<std::int64_t>(times.size()) < repetition.repeats) {
    const Stopwatch watch;
    work();
    times.push_back(watch.seconds());
  }
  return times;
}

}  // namespace lucid
