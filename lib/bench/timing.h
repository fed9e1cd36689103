#pragma once

#include <cstdint>
#include <vector>

#include "base/stopwatch.h"

namespace lucid {

// Repeats a measurement until both the number of repeats and the time are reached.
struct Repetition {
  std::int64_t repeats = 10;
  double seconds = 4;
};

// For an even count, the mean of the two values in the middle.
double median(std::vector<double> seconds);

// Calls `work` repeatedly, after two warm-up runs. Returns the seconds of each run.
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
