#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "data/hdf5/chunk_writer.h"
#include "data/hdf5/chunked_array.h"

namespace lucid {

// Of the finite numbers of a region; NaN where there are none.
struct Statistics {
  std::int64_t count = 0, not_finite = 0;
  double min, max, mean, std;         // population deviation
  std::vector<double> percentiles{};  // as asked for; exact, between two numbers on a line
  // How often each value stands there, where they are integers of few different values.
  std::map<std::int64_t, std::int64_t> labels{};
};

constexpr std::size_t kMostLabels = 64;

// Reads the region once, and again for percentiles of numbers of more than two bytes: box by box,
// shared among threads. The result does not depend on their number.
Statistics measure_statistics(const ChunkedArray& array, const hdf5::Region& region,
                              std::span<const double> percentiles, int threads,
                              const Advance& advance);

}  // namespace lucid
