#pragma once

#include "kernels/layout/channel_groups.h"

namespace lucid {

// Floats of scratch that channel_sums() needs.
std::int64_t channel_sum_partials(const ChannelRuns& where);

// sums[c] = the sum of channel c over samples and voxels; the same bits with any number of threads.
void channel_sums(const ChannelRuns& where, const float* values, float* partials, float* sums);

}  // namespace lucid
