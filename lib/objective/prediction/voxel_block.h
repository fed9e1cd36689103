#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "kernels/simd/clones.h"

namespace lucid {

// Enough for vector code, few enough that the numbers kept per voxel stay in the nearest cache.
constexpr std::int64_t kVoxelsABlock = 512;

using PerVoxel = std::array<float, kVoxelsABlock>;

// A block of at most kVoxelsABlock voxels of one sample in a plain (N, C, voxels) buffer: class c
// of voxel v is at c * stride + v.
struct VoxelBlock {
  const float* prediction;
  const float* target;  // one number a voxel
  float* gradient;      // null: not wanted
  std::int64_t sample, voxels, classes, stride;
};

// All blocks of a batch.
struct VoxelGrid {
  const float* prediction;
  const float* target;
  float* gradient;
  std::int64_t samples, classes, voxels;

  std::int64_t blocks_a_sample() const { return (voxels + kVoxelsABlock - 1) / kVoxelsABlock; }
  std::int64_t blocks() const { return samples * blocks_a_sample(); }
  VoxelBlock block(std::int64_t i) const {
    const std::int64_t sample = i / blocks_a_sample();
    const std::int64_t first = i % blocks_a_sample() * kVoxelsABlock;
    const std::int64_t at = sample * classes * voxels + first;
    return {.prediction = prediction + at,
            .target = target + sample * voxels + first,
            .gradient = gradient == nullptr ? nullptr : gradient + at,
            .sample = sample,
            .voxels = std::min(kVoxelsABlock, voxels - first),
            .classes = classes,
            .stride = voxels};
  }
};

// The largest of the classes' predictions, for each voxel.
void find_largest(const VoxelBlock& block, PerVoxel& largest);

// The class of the largest prediction, the first of equal ones, for each voxel.
void find_winners(const VoxelBlock& block, PerVoxel& winner);

// sum[v] of exp(x - largest[v]) over the classes; the powers themselves are left in the gradient.
void add_powers(const VoxelBlock& block, const PerVoxel& largest, PerVoxel& sum);

// Of sums of such powers, which are 1 or more; what is not finite becomes NaN.
void find_logs(std::int64_t voxels, const PerVoxel& sum, PerVoxel& logs);

// The sum of value(0) .. value(count - 1), always in the same order, in vector code where value()
// allows it.
template <class Value>
LUCID_INLINE double sum_over(std::int64_t count, const Value& value) {
  constexpr std::size_t kLanes = 16;
  std::array<float, kLanes> lanes{};
  const auto all = static_cast<std::size_t>(count);
  std::size_t i = 0;
  for (; i + kLanes <= all; i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += value(i + lane);
  double sum = 0;
  for (; i < all; ++i) sum += value(i);
  for (const float lane : lanes) sum += lane;
  return sum;
}

}  // namespace lucid
