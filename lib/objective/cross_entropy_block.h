#pragma once

#include <cstdint>
#include <vector>

namespace lucid {

// Enough for vector code, few enough that the numbers kept per voxel stay in the nearest cache.
constexpr std::int64_t kVoxelsABlock = 512;

// A block of at most kVoxelsABlock voxels of one sample in a plain (N, C, voxels) buffer: class c
// of voxel v is at c * stride + v.
struct VoxelBlock {
  const float* prediction;
  const float* target;  // classes, all within range or ignored
  float* gradient;      // null: not wanted
  std::int64_t voxels, classes, stride;
};

struct CrossEntropyTerms {
  std::vector<float> weight;  // one a class; empty: 1
  std::int64_t ignore_index = -100;
  double smoothing = 0;  // the share of a target that is spread over all classes

  bool is_ignored(float label) const { return label == static_cast<float>(ignore_index); }
  float weight_of(std::int64_t label) const {
    return weight.empty() ? 1.F : weight[static_cast<std::size_t>(label)];
  }
};

// The sum of the losses of the block's voxels. The gradient is that of `scale` times this sum.
double cross_entropy(const VoxelBlock&, const CrossEntropyTerms&, double scale);

}  // namespace lucid
