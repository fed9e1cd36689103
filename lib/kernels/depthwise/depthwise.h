#pragma once

#include <cstdint>

#include "base/triple.h"

namespace lucid {

// A convolution of every channel with a kernel of its own, on tensors in blocks of lanes: (samples,
// blocks, D, H, W, lanes). Weights are (tap, channel), channels of whole blocks.
struct DepthwiseGeometry {
  std::int64_t samples = 1, blocks = 1, lanes = 16;
  Triple input{}, output{}, kernel{}, stride{}, dilation{}, padding{};

  std::int64_t channels() const { return blocks * lanes; }
  std::int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
};

// Computes y = LeakyReLU(x * weights + bias). The bias may be null; a slope of 1 is no activation.
void depthwise_forward(const DepthwiseGeometry& geometry, const float* x, const float* weights,
                       const float* bias, float slope, float* y);
// The workspace holds as many floats as the weights.
void depthwise_input_gradient(const DepthwiseGeometry& geometry, const float* dy,
                              const float* weights, float* dx, float* workspace);

}  // namespace lucid
