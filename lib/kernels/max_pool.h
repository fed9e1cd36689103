#pragma once

#include <cstdint>

#include "kernels/channel_groups.h"
#include "kernels/pool_window.h"

namespace lucid {

// The largest value of every window; the first of equal ones counts, a NaN wins. `index`, when not
// null, gets its place in the window (kD x kH x kW order), one an output value in the order of y.
// Index is uint8_t for windows of at most 256 voxels, else int32_t.
template <class Index>
void max_pool_forward(const PoolGeometry& geometry, const ChannelGroups& in,
                      const ChannelGroups& out, const float* x, float* y, Index* index);

// A ReLU that made what was pooled: its output, where a voxel was chosen, is the pooled value.
struct PooledRelu {
  const float* pooled = nullptr;  // null: no ReLU
  float slope = 0;                // below 0
};

// dx = the sum of dy over the windows that chose the voxel, and of that the gradient before the
// ReLU; all of dx is written.
template <class Index>
void max_pool_backward(const PoolGeometry& geometry, const ChannelGroups& in,
                       const ChannelGroups& out, const Index* index, const PooledRelu& relu,
                       const float* dy, float* dx);

extern template void max_pool_forward(const PoolGeometry&, const ChannelGroups&,
                                      const ChannelGroups&, const float*, float*, std::uint8_t*);
extern template void max_pool_forward(const PoolGeometry&, const ChannelGroups&,
                                      const ChannelGroups&, const float*, float*, std::int32_t*);
extern template void max_pool_backward(const PoolGeometry&, const ChannelGroups&,
                                       const ChannelGroups&, const std::uint8_t*, const PooledRelu&,
                                       const float*, float*);
extern template void max_pool_backward(const PoolGeometry&, const ChannelGroups&,
                                       const ChannelGroups&, const std::int32_t*, const PooledRelu&,
                                       const float*, float*);

}  // namespace lucid
