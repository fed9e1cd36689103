#pragma once

#include "kernels/layout/channel_groups.h"
#include "kernels/normalize/normalize.h"
#include "kernels/pool/window.h"

namespace lucid {

// A normalization, its ReLU and a max pooling in one pass, which never writes the tensors between
// them.
struct NormalizedPool {
  PanelNormalization normalization;  // of what is pooled
  PoolGeometry geometry;             // windows of 2x2x2, side by side and inside
  ChannelGroups in, out;             // of 8 or 16 lanes

  // Tells whether the geometry and the lanes are as described.
  bool is_possible() const;
};

// The outputs for every window.
struct PooledWindows {
  float* y;
  float* chosen;        // the x of the largest value
  std::uint8_t* index;  // where it was, by max_pool.h
};

// `chosen` and `index` are both null if there will be no backward pass.
void normalize_and_pool(const NormalizedPool& p, const SetStatistics* statistics,
                        const float* weight, const float* bias, const float* x,
                        const PooledWindows& windows);

// Does what normalize_input_gradient() does, with dy of the windows: back.x is before the pooling
// and back.dy after it.
void normalize_pool_input_gradient(const NormalizedPool& p, const NormalizeBackward& back,
                                   const PartialSums* sums, PartialSums* set_sums, const float* y,
                                   const std::uint8_t* index, float* dx);

}  // namespace lucid
