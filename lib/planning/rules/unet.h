#pragma once

#include <cstdint>
#include <vector>

#include "planning/rules/topology.h"

namespace lucid {

// A U-Net of nnU-Net's plain kind: two convolutions with norm and LeakyReLU a stage, strided ones
// on the way down, transposed ones up, and a 1x1x1 convolution to the classes.
struct Unet {
  Topology topology{};
  std::vector<std::int64_t> features{};  // of each stage
  std::int64_t channels = 1, classes = 2;
  std::int64_t convolutions = 2;  // a stage, on both sides

  std::size_t stages() const { return features.size(); }
};

// Returns `first` features, doubled from stage to stage, at most `most`.
std::vector<std::int64_t> doubled_features(std::size_t stages, std::int64_t first,
                                           std::int64_t most);

// Returns the extents of a stage's output.
Triple stage_extents(const Unet& unet, std::size_t stage);

// What a U-Net costs.
struct UnetCost {
  double elements = 0;    // of all outputs of convolutions for one sample; heads: the last alone
  double parameters = 0;  // with the heads of deep supervision
  double flops = 0;       // of one sample's forward pass, with the same heads
};
UnetCost unet_cost(const Unet& unet);

}  // namespace lucid
