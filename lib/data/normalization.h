#pragma once

#include <span>
#include <vector>

#include "data/dataset.h"

namespace lucid {

// (x - mean) / std per channel, in float32. Empty lists: nothing is done. One value serves every
// channel.
struct Normalization {
  std::vector<float> mean, std;

  bool is_empty() const { return mean.empty(); }
  void apply(std::span<float> sample, Shape::Extent channels) const;
};

// Mean and population deviation of every channel over the whole set, in double; a deviation of 0
// counts as 1.
Normalization measure_normalization(const Dataset&);

}  // namespace lucid
