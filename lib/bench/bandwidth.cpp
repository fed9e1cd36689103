#include "bench/bandwidth.h"

#include <algorithm>
#include <memory>

#include "base/stopwatch.h"
#include "kernels/clones.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kCount = 32 << 20;  // floats of one volume
constexpr std::int64_t kBlock = 1 << 16;

LUCID_CLONES void scale(const float* x, float* y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = x[i] * 1.5F;
}

// The best of some runs of y = 1.5 x.
double best_rate(const float* x, float* y) {
  constexpr double kSeconds = 0.2, kBytes = 2.0 * sizeof(float) * kCount;
  double best = 0;
  const Stopwatch whole;
  do {
    const Stopwatch watch;
    parallel_blocks(kCount, kBlock, [&](std::int64_t begin, std::int64_t end) {
      scale(x + begin, y + begin, end - begin);
    });
    best = std::max(best, kBytes / watch.seconds());
  } while (whole.seconds() < kSeconds);
  return best;
}

}  // namespace

double measure_bandwidth(const Engine&) {
  const std::unique_ptr<float[]> x(new float[kCount]), y(new float[kCount]);
  // Each thread touches first what it will read: the memory is then near it.
  parallel_blocks(kCount, kBlock, [&](std::int64_t begin, std::int64_t end) {
    std::fill(x.get() + begin, x.get() + end, 0.F);
    std::fill(y.get() + begin, y.get() + end, 0.F);
  });
  return std::max(best_rate(x.get(), y.get()), best_rate(x.get(), x.get()));
}

}  // namespace lucid
