#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "data/volumes/dataset.h"

namespace lucid::test {

// A dataset of given values.
struct MemorySet : Dataset {
  Shape shape{1, 1, 1, 1};
  std::vector<std::vector<float>> samples;
  std::vector<float> labels;  // one per sample

  std::size_t size() const override { return samples.size(); }
  Shape sample_shape() const override { return shape; }
  Shape target_shape() const override { return {}; }
  TargetType target_type() const override { return TargetType::kIntegers; }
  void read_sample(std::size_t index, std::span<float> sample) const override {
    std::copy(samples[index].begin(), samples[index].end(), sample.begin());
  }
  void read_target(std::size_t index, std::span<float> target) const override {
    target[0] = labels[index];
  }
  std::string target_place(std::size_t index) const override {
    return "a.h5: /y, sample " + std::to_string(index);
  }
};

// Sample i holds i, and its label is 10 i.
inline MemorySet counting_set(std::size_t count) {
  MemorySet set;
  for (std::size_t i = 0; i < count; ++i) {
    set.samples.push_back({static_cast<float>(i)});
    set.labels.push_back(static_cast<float>(10 * i));
  }
  return set;
}

}  // namespace lucid::test
