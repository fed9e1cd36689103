#pragma once

#include <functional>
#include <span>
#include <vector>

#include "data/volumes/dataset.h"

namespace lucid {

// Computes (x - mean) / std per channel in float32, after clipping x to `min` .. `max`. Empty lists
// skip a step; a list of one value serves every channel.
struct Normalization {
  std::vector<float> mean, std, min{}, max{};
  bool keeps_zeros = false;  // x = 0 is outside of a mask and stays 0
  // What the user should know of the channels that were measured, a sentence each; is not stored.
  std::vector<std::string> notes{};

  bool is_empty() const { return mean.empty(); }
  void apply(std::span<float> sample, Shape::Extent channels) const;
};

enum class NormalizationType {
  kZscore,      // to mean 0 and deviation 1
  kPercentile,  // from percentiles low, high to 0, 1
  kCt           // zscore of the foreground, clipped to percentiles of it, as nnU-Net for CT
};
enum class NormalizedPer { kSet, kVolume };

// Says how a normalization is computed from the data.
struct NormalizationRule {
  NormalizationType type = NormalizationType::kZscore;
  NormalizedPer per = NormalizedPer::kSet;
  double low = 0, high = 100;  // percentiles; values beyond are clipped
  bool is_masked = false;      // measures and normalizes the voxels that are not 0
};

// Visits the voxels to be measured, in pieces of any size; may be called more than once. For kCt
// these are those of the foreground.
using VoxelWalk = std::function<void(const VoxelVisitor&)>;

// Measures the finite values of each channel in double, with the population deviation; a deviation
// or a range of 0 counts as 1. Equal percentiles give way to the smallest and the largest value.
// Needs no memory beyond that of the walk.
Normalization measure_normalization(const NormalizationRule& rule, std::size_t channels,
                                    const VoxelWalk& walk);

std::string rule_text(const NormalizationRule& rule);  // distinguishes rules in cache keys

// Convert to values that MeasuredFile stores, and back.
std::vector<double> stored_values(const Normalization& normalization);
Normalization normalization_of(std::span<const double> numbers);

// Measures one volume, (C, D, H, W), in memory.
Normalization volume_normalization(const NormalizationRule& rule, std::span<const float> volume,
                                   Shape::Extent channels);

}  // namespace lucid
