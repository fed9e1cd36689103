#pragma once

#include "kernels/layout/channel_groups.h"

namespace lucid {

// Computes the softmax over the channels of every voxel. Padding channels become 0.
void softmax_forward(const ChannelRuns& where, const float* x, float* y);

// dx = y (dy - the sum of y dy over the channels); dx may be dy.
void softmax_backward(const ChannelRuns& where, const float* y, const float* dy, float* dx);

}  // namespace lucid
