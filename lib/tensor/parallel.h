#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace lucid {

// Calls body(i) for i = 0 .. count-1 across OpenMP's threads. The calls must be independent and
// must not throw.
template <class Body>
void parallel_for(std::int64_t count, const Body& body) {
  if (count == 1) {  // waking threads costs microseconds
    body(0);
    return;
  }
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < count; ++i) body(i);
}

// Calls body(begin, end) for consecutive blocks of `block` elements; the blocks do not depend on
// the number of threads.
template <class Body>
void parallel_blocks(std::int64_t count, std::int64_t block, const Body& body) {
  parallel_for((count + block - 1) / block,
               [&](std::int64_t i) { body(i * block, std::min(count, (i + 1) * block)); });
}

// The sum of body(begin, end) over blocks, added in the order of the blocks: the same bits with any
// number of threads.
template <class Body>
double parallel_sum(std::int64_t count, std::int64_t block, const Body& body) {
  std::vector<double> parts(static_cast<std::size_t>((count + block - 1) / block));
  parallel_for(static_cast<std::int64_t>(parts.size()), [&](std::int64_t i) {
    parts[static_cast<std::size_t>(i)] = body(i * block, std::min(count, (i + 1) * block));
  });
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

}  // namespace lucid
