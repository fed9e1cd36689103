#pragma once

#include <cstdint>

#include "kernels/layout/channel_groups.h"
#include "kernels/pool/window.h"

namespace lucid {

// Tells by what the sum over a window is divided.
enum class PoolDivisor {
  kInside,  // its voxels inside the input
  kPadded,  // those, and the ones in the padding
  kFixed,
};

struct AveragePool {
  PoolGeometry geometry;  // without dilation
  PoolDivisor divisor = PoolDivisor::kPadded;
  float fixed_divisor = 1;  // of kFixed
};

// The mean of every window, padding being 0.
void avg_pool_forward(const AveragePool& pool, const ChannelGroups& in, const ChannelGroups& out,
                      const float* x, float* y);

// dx = the sum of dy / divisor over the windows that hold the voxel; all of dx is written.
void avg_pool_backward(const AveragePool& pool, const ChannelGroups& in, const ChannelGroups& out,
                       const float* dy, float* dx);

}  // namespace lucid
