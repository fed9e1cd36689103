#pragma once

#include <functional>
#include <span>
#include <vector>

#include "data/volumes/dataset.h"

namespace lucid {

// (x - mean) / std per channel, in float32, what lies below `min` or above `max` being put there
// first. Empty lists: nothing is done. One value serves every channel.
struct Normalization {
  std::vector<float> mean, std, min{}, max{};

  bool is_empty() const { return mean.empty(); }
  void apply(std::span<float> sample, Shape::Extent channels) const;
};

enum class NormalizationType {
  kZscore,     // mean 0, deviation 1
  kPercentile  // the lower percentile to 0, the upper one to 1
};
enum class NormalizedPer { kSet, kVolume };

// How a normalisation follows from what is normalised.
struct NormalizationRule {
  NormalizationType type = NormalizationType::kZscore;
  NormalizedPer per = NormalizedPer::kSet;
  double low = 0, high = 100;  // percentiles: what lies beyond is put there
};

// Tells the voxels to be measured, in any pieces; may be called more than once.
using VoxelWalk = std::function<void(const VoxelVisitor&)>;

// Every channel by itself; population deviation, in double; a deviation or a range of 0 counts as
// 1. Needs memory for what the walk reads alone.
Normalization measure_normalization(const NormalizationRule& rule, std::size_t channels,
                                    const VoxelWalk& walk);

std::string rule_text(const NormalizationRule& rule);  // what tells it from others

// As numbers that can be kept, and back.
std::vector<double> numbers_of(const Normalization& normalization);
Normalization normalization_of(std::span<const double> numbers);

// Of one volume, (C, D, H, W), that is in memory.
Normalization volume_normalization(const NormalizationRule& rule, std::span<const float> volume,
                                   Shape::Extent channels);

}  // namespace lucid
