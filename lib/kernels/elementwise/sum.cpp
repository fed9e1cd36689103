#include "kernels/elementwise/sum.h"

#include "kernels/simd/clones.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

// A block of the sum stays in the nearest cache while the sources pass.
constexpr std::int64_t kBlock = 1 << 11;

LUCID_CLONED(void, add_block,
             (std::int64_t begin, std::int64_t end, const float* a, const float* b, float* y),
             (begin, end, a, b, y)) {
#pragma omp simd
  for (std::int64_t i = begin; i < end; ++i) y[i] = a[i] + b[i];
}

}  // namespace

void sum_forward(std::int64_t count, std::span<const float* const> sources, float* y) {
  parallel_blocks(count, kBlock, [=](std::int64_t begin, std::int64_t end) {
    const float* total = sources[0];
    for (std::size_t i = 1; i < sources.size(); ++i, total = y)
      add_block(begin, end, total, sources[i], y);
  });
}

}  // namespace lucid
