#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

namespace lucid {

// Calls body(i) for i = 0 .. count-1 on OpenMP's threads. The calls must be independent and must
// not throw.
template <class Body>
void parallel_for(std::int64_t count, const Body& body) {
  if (count == 1) {  // waking threads takes microseconds
    body(0);
    return;
  }
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < count; ++i) body(i);
}

// Calls body(begin, end) for consecutive blocks of `block` elements, which do not depend on the
// number of threads.
template <class Body>
void parallel_blocks(std::int64_t count, std::int64_t block, const Body& body) {
  parallel_for((count + block - 1) / block,
               [&](std::int64_t i) { body(i * block, std::min(count, (i + 1) * block)); });
}

// Returns the sum of body(begin, end) over blocks, added in the order of the blocks, so that the
// bits do not depend on the number of threads.
template <class Body>
double parallel_sum(std::int64_t count, std::int64_t block, const Body& body) {
  constexpr std::int64_t kParts = 4096;  // on the stack at a time
  std::array<double, kParts> parts;
  double sum = 0;
  for (std::int64_t first = 0; first * block < count; first += kParts) {
    const std::int64_t part_count = std::min(kParts, (count + block - 1) / block - first);
    parallel_for(part_count, [&](std::int64_t i) {
      const std::int64_t begin = (first + i) * block;
      parts[static_cast<std::size_t>(i)] = body(begin, std::min(count, begin + block));
    });
    sum = std::accumulate(parts.begin(), parts.begin() + part_count, sum);
  }
  return sum;
}

}  // namespace lucid
