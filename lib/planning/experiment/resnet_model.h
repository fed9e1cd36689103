#pragma once

#include "base/json.h"

namespace lucid {

// A residual network of basic blocks (He et al., "Deep residual learning for image recognition",
// CVPR 2016) in 3-D: a stem, stages that halve the volume, and a mean over it.
struct Resnet {
  Triple size{1, 1, 1};
  std::int64_t channels = 1, outputs = 2;
  std::int64_t features = 16;  // of the first stage; they double with each
  std::int64_t blocks = 1;     // of each stage

  // Stages that there are: as many as leave at least kSmallestEdge voxels along the longest axis.
  std::int64_t stages() const;
};

// Returns the "model" section.
Json resnet_model(const Resnet& resnet);

// Returns the FLOPs of one sample's forward pass, and the bytes that training takes for a sample.
struct ResnetCost {
  double flops = 0, elements = 0;
  std::int64_t parameters = 0;
};
ResnetCost resnet_cost(const Resnet& resnet);

}  // namespace lucid
