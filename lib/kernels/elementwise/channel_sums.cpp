#include "kernels/elementwise/channel_sums.h"

#include <algorithm>

#include "kernels/simd/clones.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kVoxels = 1 << 11;  // of a partial sum

std::int64_t blocks(const ChannelRuns& where) { return (where.voxels + kVoxels - 1) / kVoxels; }

template <int kLanes>
LUCID_INLINE void sum_lanes(const float* from, std::int64_t voxels, float* sums) {
  float held[kLanes] = {};
  for (std::int64_t voxel = 0; voxel < voxels; ++voxel)
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane) held[lane] += from[voxel * kLanes + lane];
  std::copy_n(held, kLanes, sums);
}

LUCID_CLONED(void, sum_block,
             (std::int64_t lanes, const float* from, std::int64_t voxels, float* sums),
             (lanes, from, voxels, sums)) {
  if (lanes == 16) return sum_lanes<16>(from, voxels, sums);
  if (lanes == 8) return sum_lanes<8>(from, voxels, sums);
  if (lanes == 1) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t voxel = 0; voxel < voxels; ++voxel) sum += from[voxel];
    *sums = sum;
    return;
  }
  std::fill_n(sums, lanes, 0.F);
  for (std::int64_t voxel = 0; voxel < voxels; ++voxel)
#pragma omp simd
    for (std::int64_t lane = 0; lane < lanes; ++lane) sums[lane] += from[voxel * lanes + lane];
}

}  // namespace

std::int64_t channel_sum_partials(const ChannelRuns& where) {
  return where.samples * where.runs() * blocks(where) * where.lanes;
}

void channel_sums(const ChannelRuns& where, const float* values, float* partials, float* sums) {
  const std::int64_t runs = where.runs(), per_run = blocks(where);
  parallel_for(where.samples * runs * per_run, [&](std::int64_t i) {
    const std::int64_t sample = i / per_run / runs, run = i / per_run % runs;
    const std::int64_t first = i % per_run * kVoxels;
    sum_block(
        where.lanes,
        values + sample * where.sample_stride + run * where.run_stride + first * where.voxel_stride,
        std::min(kVoxels, where.voxels - first), partials + i * where.lanes);
  });
  for (std::int64_t channel = 0; channel < where.channels; ++channel) {
    double sum = 0;
    for (std::int64_t sample = 0; sample < where.samples; ++sample)
      for (std::int64_t block = 0; block < per_run; ++block)
        sum += static_cast<double>(
            partials[((sample * runs + channel / where.lanes) * per_run + block) * where.lanes +
                     channel % where.lanes]);
    sums[channel] = static_cast<float>(sum);
  }
}

}  // namespace lucid
