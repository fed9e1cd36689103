#include "bench/bandwidth.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "base/stopwatch.h"
#include "kernels/simd/clones.h"
#include "tensor/parallel.h"
#include "tensor/storage.h"

namespace lucid {
namespace {

constexpr std::int64_t kCount = 32 << 20;  // floats of one volume
constexpr std::int64_t kBlock = 1 << 16;

LUCID_CLONED(void, scale, (const float* x, float* y, std::int64_t count), (x, y, count)) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = x[i] * 1.5F;
}

// Reads four streams at a time: hardware prefetchers follow more of them than one.
LUCID_CLONED(float, sum, (const float* x, std::int64_t count), (x, count)) {
  const std::int64_t quarter = count / 4;
  const float *second = x + quarter, *third = x + 2 * quarter, *fourth = x + 3 * quarter;
  float total = 0;
#pragma omp simd reduction(+ : total)
  for (std::int64_t i = 0; i < quarter; ++i) total += (x[i] + second[i]) + (third[i] + fourth[i]);
  return total;
}

// Returns the shortest time of several runs of pass(begin, end) over all blocks.
template <class Pass>
double least_seconds(const Pass& pass) {
  constexpr double kSeconds = 0.2;
  double least = std::numeric_limits<double>::infinity();
  const Stopwatch whole;
  do {
    const Stopwatch watch;
    parallel_blocks(kCount, kBlock, pass);
    least = std::min(least, watch.seconds());
  } while (whole.seconds() < kSeconds);
  return least;
}

}  // namespace

Bandwidth measure_bandwidth(const Engine&) {
  constexpr double kBytes = sizeof(float) * kCount;
  const Storage storage =
      allocate_storage(2 * sizeof(float) * kCount);  // allocated like a plan's values
  auto* const x = reinterpret_cast<float*>(storage.get());
  float* const y = x + kCount;
  const std::unique_ptr<float[]> sums(new float[kCount / kBlock]);
  // Each thread first touches what it will read, so that the pages are local to it.
  parallel_blocks(kCount, kBlock, [&](std::int64_t begin, std::int64_t end) {
    std::fill(x + begin, x + end, 0.F);
    std::fill(y + begin, y + end, 0.F);
  });
  const double copying = least_seconds(
      [&](std::int64_t begin, std::int64_t end) { scale(x + begin, y + begin, end - begin); });
  const double reading = least_seconds([&](std::int64_t begin, std::int64_t end) {
    sums[static_cast<std::size_t>(begin / kBlock)] = sum(x + begin, end - begin);
  });
  // Counts as writing time what a copy takes beyond reading, and no less than reading takes.
  return {kBytes / reading, kBytes / std::max(copying - reading, reading)};
}

}  // namespace lucid
