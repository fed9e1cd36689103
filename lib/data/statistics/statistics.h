#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "data/chunks/chunked_array.h"
#include "data/chunks/writer.h"

namespace lucid {

// Statistics of the finite elements of a region; NaN if there are none.
struct Statistics {
  std::int64_t count = 0, not_finite = 0;
  double min, max, mean, std;         // population deviation
  std::vector<double> percentiles{};  // in the order requested; exact, interpolated linearly
  // Counts of each value, if they are integers of few different values.
  std::map<std::int64_t, std::int64_t> labels{};
  std::string exact_min{}, exact_max{};  // of integers, which `min` and `max` may not hold
};

constexpr std::size_t kMostLabels = 64;

// Reads the region once, and again for percentiles of types wider than two bytes. Threads share the
// boxes; the result does not depend on their number.
Statistics measure_statistics(const ChunkedArray& array, const hdf5::Region& region,
                              std::span<const double> percentiles, int threads,
                              const Advance& advance);

}  // namespace lucid
