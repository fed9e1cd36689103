#pragma once

#include <cmath>
#include <string>

#include "base/rng.h"
#include "data/volumes/memory_set.h"

// A set to augment, and a list of all transforms that fit it.
namespace lucid::test {

// Random volumes with labels of a given shape.
struct VoxelSet : MemorySet {
  Shape target;
  TargetType type;

  VoxelSet(const Shape& sample, const Shape& target_shape, TargetType target_type,
           std::size_t count = 7)
      : target(target_shape), type(target_type) {
    shape = sample;
    Rng rng(1, "set");
    for (std::size_t i = 0; i < count; ++i) {
      samples.emplace_back(sample.count());
      for (float& x : samples.back()) x = rng.uniform(0, 4);
    }
  }
  Shape target_shape() const override { return target; }
  TargetType target_type() const override { return type; }
  void read_target(std::size_t index, std::span<float> values) const override {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float x = samples[index][i % samples[index].size()];
      values[i] = type == TargetType::kIntegers ? std::floor(x) : x;
    }
  }
};

inline const std::string kAll = R"([
  {"type": "RandomAffine", "degrees": 20, "fill": -1},
  {"type": "RandomElasticDeformation", "max_displacement": 0.5, "num_control_points": 5, "p": 0.7},
  {"type": "RandomCrop", "size": [5, 5, 6]}, {"type": "RandomFlip"},
  {"type": "RandomRotate90", "planes": "dh", "p": 0.5}, {"type": "RandomNoise", "p": 0.5},
  {"type": "RandomBlur", "p": 0.5}, {"type": "RandomBrightnessContrast"},
  {"type": "RandomGamma", "p": 0.5}, {"type": "RandomBrightness", "p_per_channel": 0.5},
  {"type": "RandomLowResolution", "p": 0.5}, {"type": "RandomCutout", "size": 2, "p": 0.5}])";

}  // namespace lucid::test
