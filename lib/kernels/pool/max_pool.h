#pragma once

#include <cstdint>

#include "kernels/layout/channel_groups.h"
#include "kernels/pool/window.h"
#include "kernels/simd/bfloat16.h"

namespace lucid {

// The largest value of every window; the first of equal ones counts, a NaN wins. `index`, when not
// null, gets its place in the window (kD x kH x kW order), one an output value in the order of y.
// Index is uint8_t for windows of at most 256 voxels, else int32_t; Number is float or Bfloat16.
template <class Number, class Index>
void max_pool_forward(const PoolGeometry& geometry, const ChannelGroups& in,
                      const ChannelGroups& out, const Number* x, Number* y, Index* index);

// A ReLU that made what was pooled: its output, where a voxel was chosen, is the pooled value.
template <class Number>
struct PooledRelu {
  const Number* pooled = nullptr;  // null: no ReLU
  float slope = 0;                 // below 0
};

// dx = the sum of dy over the windows that chose the voxel, and of that the gradient before the
// ReLU; all of dx is written.
template <class Number, class Index>
void max_pool_backward(const PoolGeometry& geometry, const ChannelGroups& in,
                       const ChannelGroups& out, const Index* index, const PooledRelu<Number>& relu,
                       const Number* dy, Number* dx);

}  // namespace lucid
