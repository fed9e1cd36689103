#include "kernels/elementwise/prelu.h"

#include <algorithm>

#include "kernels/simd/clones.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kVoxels = 1 << 11;  // of a partial sum
constexpr std::int64_t kMostLanes = 16;    // that are computed side by side

std::int64_t blocks(const ChannelRuns& where) { return (where.voxels + kVoxels - 1) / kVoxels; }

// Up to kMostLanes neighbouring channels of some voxels.
struct Block {
  std::int64_t offset;  // of the first element
  std::int64_t voxels, voxel_stride;
  std::int64_t lanes;
  float slopes[kMostLanes];
};

// Lanes are cut where channels lie last, as their number is not limited there.
std::int64_t parts(const ChannelRuns& where) { return (where.lanes + kMostLanes - 1) / kMostLanes; }

std::int64_t block_count(const ChannelRuns& where) {
  return where.samples * where.runs() * blocks(where) * parts(where);
}

// The first channel of a block follows from its number, as does its place among the samples.
std::int64_t first_channel(const ChannelRuns& where, std::int64_t number) {
  const std::int64_t part = number % parts(where),
                     run = number / parts(where) / blocks(where) % where.runs();
  return run * where.lanes + part * kMostLanes;
}

Block block_of(const ChannelRuns& where, const ChannelSlopes& slopes, std::int64_t number) {
  const std::int64_t part = number % parts(where), at = number / parts(where);
  const std::int64_t first = at % blocks(where) * kVoxels, run = at / blocks(where) % where.runs(),
                     sample = at / blocks(where) / where.runs();
  Block block{.offset = sample * where.sample_stride + run * where.run_stride +
                        first * where.voxel_stride + part * kMostLanes,
              .voxels = std::min(kVoxels, where.voxels - first),
              .voxel_stride = where.voxel_stride,
              .lanes = std::min(kMostLanes, where.lanes - part * kMostLanes),
              .slopes = {}};
  const std::int64_t channel = first_channel(where, number);
  for (std::int64_t lane = 0; lane < block.lanes; ++lane)
    if (channel + lane < where.channels) block.slopes[lane] = slopes.of(channel + lane);
  return block;
}

LUCID_CLONED(void, forward_block, (const Block& block, const float* x, float* y), (block, x, y)) {
  if (block.lanes == 1 && block.voxel_stride == 1) {
    const float slope = block.slopes[0];
#pragma omp simd
    for (std::int64_t i = 0; i < block.voxels; ++i) y[i] = x[i] > 0 ? x[i] : slope * x[i];
    return;
  }
  for (std::int64_t voxel = 0; voxel < block.voxels; ++voxel) {
    const std::int64_t at = voxel * block.voxel_stride;
#pragma omp simd
    for (std::int64_t lane = 0; lane < block.lanes; ++lane) {
      const float value = x[at + lane];
      y[at + lane] = value > 0 ? value : block.slopes[lane] * value;
    }
  }
}

// Adds up the slopes' gradients.
LUCID_CLONED(void, sum_block, (const Block& block, const float* x, const float* dy, float* sums),
             (block, x, dy, sums)) {
  if (block.lanes == 1 && block.voxel_stride == 1) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < block.voxels; ++i) sum += x[i] > 0 ? 0.F : x[i] * dy[i];
    *sums = sum;
    return;
  }
  float held[kMostLanes] = {};
  for (std::int64_t voxel = 0; voxel < block.voxels; ++voxel) {
    const std::int64_t at = voxel * block.voxel_stride;
#pragma omp simd
    for (std::int64_t lane = 0; lane < block.lanes; ++lane)
      held[lane] += x[at + lane] > 0 ? 0.F : x[at + lane] * dy[at + lane];
  }
  std::copy_n(held, block.lanes, sums);
}

LUCID_CLONED(void, backward_block, (const Block& block, const float* x, const float* dy, float* dx),
             (block, x, dy, dx)) {
  if (block.lanes == 1 && block.voxel_stride == 1) {
    const float slope = block.slopes[0];
#pragma omp simd
    for (std::int64_t i = 0; i < block.voxels; ++i) dx[i] = x[i] > 0 ? dy[i] : slope * dy[i];
    return;
  }
  for (std::int64_t voxel = 0; voxel < block.voxels; ++voxel) {
    const std::int64_t at = voxel * block.voxel_stride;
#pragma omp simd
    for (std::int64_t lane = 0; lane < block.lanes; ++lane)
      dx[at + lane] = x[at + lane] > 0 ? dy[at + lane] : block.slopes[lane] * dy[at + lane];
  }
}

}  // namespace

void prelu_forward(const ChannelRuns& where, const ChannelSlopes& slopes, const float* x,
                   float* y) {
  parallel_for(block_count(where), [&](std::int64_t i) {
    const Block block = block_of(where, slopes, i);
    forward_block(block, x + block.offset, y + block.offset);
  });
}

std::int64_t prelu_partials(const ChannelRuns& where) { return block_count(where) * kMostLanes; }

void prelu_backward(const ChannelRuns& where, const ChannelSlopes& slopes, const float* x,
                    const float* dy, float* dx, float* partials, float* slope_gradient) {
  parallel_for(block_count(where), [&](std::int64_t i) {
    const Block block = block_of(where, slopes, i);
    sum_block(block, x + block.offset, dy + block.offset, partials + i * kMostLanes);
    if (dx != nullptr)
      backward_block(block, x + block.offset, dy + block.offset, dx + block.offset);
  });
  const std::int64_t per_run = blocks(where), in_run = parts(where);
  double all = 0;
  for (std::int64_t channel = 0; channel < where.channels; ++channel) {
    const std::int64_t run = channel / where.lanes, lane = channel % where.lanes;
    double sum = 0;
    for (std::int64_t sample = 0; sample < where.samples; ++sample)
      for (std::int64_t block = 0; block < per_run; ++block) {
        const std::int64_t number =
            ((sample * where.runs() + run) * per_run + block) * in_run + lane / kMostLanes;
        sum += static_cast<double>(partials[number * kMostLanes + lane % kMostLanes]);
      }
    all += sum;
    if (!slopes.are_shared) slope_gradient[channel] = static_cast<float>(sum);
  }
  if (slopes.are_shared) *slope_gradient = static_cast<float>(all);
}

}  // namespace lucid
