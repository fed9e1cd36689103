#include "bench/timing.h"

#include <algorithm>

namespace lucid {

double median(std::vector<double> seconds) {
  const std::size_t middle = seconds.size() / 2;
  std::ranges::sort(seconds);
  if (seconds.size() % 2 == 1) return seconds[middle];
  return (seconds[middle - 1] + seconds[middle]) / 2;
}

}  // namespace lucid
