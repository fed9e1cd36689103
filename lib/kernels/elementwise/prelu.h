#pragma once

#include "kernels/layout/channel_groups.h"

namespace lucid {

// A slope below 0 for each channel, or one for all of them. Padding gets 0.
struct ChannelSlopes {
  const float* values;
  bool are_shared;  // there is only one

  float of(std::int64_t channel) const { return values[are_shared ? 0 : channel]; }
};

// y = x above 0, slope * x elsewhere.
void prelu_forward(const ChannelRuns& where, const ChannelSlopes& slopes, const float* x, float* y);

// Floats of scratch that prelu_backward() needs.
std::int64_t prelu_partials(const ChannelRuns& where);

// Writes the gradients of the input, unless `dx` is null, and of the slopes; dx may be dy. The same
// bits with any number of threads.
void prelu_backward(const ChannelRuns& where, const ChannelSlopes& slopes, const float* x,
                    const float* dy, float* dx, float* partials, float* slope_gradient);

}  // namespace lucid
