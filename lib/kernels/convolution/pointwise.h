#pragma once

#include "kernels/layout/channel_groups.h"

namespace lucid {

// A 1x1x1 convolution to few channels, with which segmentation networks end. The input's channels
// lie side by side, in groups of 8 or 16 that they fill; every row makes a plain volume. Weights
// are (outputs, inputs), the outputs (samples, outputs, voxels).
struct Pointwise {
  static constexpr std::int64_t kMostOutputs = 8;

  ChannelGroups x;
  std::int64_t voxels = 0, outputs = 0;

  std::int64_t inputs() const { return x.groups * x.lanes; }
  std::int64_t partial_sums() const;  // floats of scratch for pointwise_weight_gradient()
};

void pointwise_forward(const Pointwise& p, const float* x, const float* weights, const float* bias,
                       float* y);  // a null bias is none

void pointwise_input_gradient(const Pointwise& p, const float* dy, const float* weights, float* dx);

// Computes the gradients of the weights, and of the bias unless it is null. The bits do not depend
// on the number of threads.
void pointwise_weight_gradient(const Pointwise& p, const float* x, const float* dy, float* partials,
                               float* weights, float* bias);

}  // namespace lucid
