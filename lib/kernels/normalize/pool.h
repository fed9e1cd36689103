#pragma once

#include "kernels/layout/channel_groups.h"
#include "kernels/normalize/normalize.h"
#include "kernels/pool/window.h"

namespace lucid {

// A normalization, the ReLU on top of it and a max pooling of that in one pass: what lies between
// them is never written.
struct NormalizedPool {
  Normalization normalization;  // of what is pooled
  PoolGeometry geometry;        // windows of 2x2x2, side by side and inside
  ChannelGroups in, out;        // of 8 or 16 lanes

  // Whether this is what they are.
  bool is_possible() const;
};

// What is known of every window.
struct PooledWindows {
  float* y;
  float* chosen;        // the x of the largest value
  std::uint8_t* index;  // where it was, by max_pool.h
};

// `chosen` and `index` are both null where no way back will ask for them.
void normalize_and_pool(const NormalizedPool& p, const Statistics* statistics, const float* weight,
                        const float* bias, const float* x, const PooledWindows& windows);

// As normalize_input_gradient(), for the gradient dy of the windows: back.x and back.dy are those
// before the pooling and after it.
void normalize_pool_input_gradient(const NormalizedPool& p, const NormalizeBackward& back,
                                   const PartialSums* sums, PartialSums* set_sums, const float* y,
                                   const std::uint8_t* index, float* dx);

}  // namespace lucid
