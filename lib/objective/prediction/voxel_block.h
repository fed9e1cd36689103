#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "kernels/simd/clones.h"

namespace lucid {

// Long enough for vector code, short enough that the arrays per voxel stay in the L1 cache.
constexpr std::int64_t kVoxelsABlock = 512;

using PerVoxel = std::array<float, kVoxelsABlock>;

// A block of at most kVoxelsABlock voxels of one sample in a plain (N, C, voxels) buffer: class c
// of voxel v is at c * stride + v.
struct VoxelBlock {
  const float* prediction;
  const float* target;  // one element per voxel
  float* gradient;      // null: not needed
  std::int64_t sample, voxels, classes, stride;
};

// Divides a batch into blocks.
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

// Writes the largest prediction over the classes for each voxel.
void find_max(const VoxelBlock& block, PerVoxel& max);

// Writes the class with the largest prediction for each voxel, the first of equal ones.
void find_argmax(const VoxelBlock& block, PerVoxel& argmax);

// Writes the sum over the classes of exp(x - max[v]); leaves the exponentials in the gradient.
void add_exponentials(const VoxelBlock& block, const PerVoxel& max, PerVoxel& sum);

// Writes the logarithms of such sums, which are >= 1; a sum that is not finite becomes NaN.
void find_logs(std::int64_t voxels, const PerVoxel& sum, PerVoxel& logs);

// Returns the sum of value(0) .. value(count - 1), always added in the same order. The loop is
// vectorized if value() can be.
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
