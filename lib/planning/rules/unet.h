#pragma once

#include <cstdint>
#include <vector>

#include "planning/rules/topology.h"

namespace lucid {

// A U-Net of nnU-Net's: convolutions with norm and LeakyReLU, strided ones on the way down,
// transposed ones up, and a 1x1x1 convolution to the classes. Where stages have residual blocks, a
// convolution to the features of the first stage comes before them.
struct Unet {
  Topology topology{};
  std::vector<std::int64_t> features{};  // of each stage
  std::int64_t channels = 1, classes = 2;
  std::int64_t convolutions = 2;       // a stage of the decoder, and of a plain encoder
  std::vector<std::int64_t> blocks{};  // of each stage of a residual encoder; none of a plain one

  std::size_t stages() const { return features.size(); }
  bool is_residual() const { return !blocks.empty(); }
};

// Returns `first` features, doubled from stage to stage, at most `most`.
std::vector<std::int64_t> doubled_features(std::size_t stages, std::int64_t first,
                                           std::int64_t most);

// Returns the residual blocks of each stage: 1, 3, 4, and 6 from the fourth stage on.
std::vector<std::int64_t> residual_blocks(std::size_t stages);

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
