#pragma once

#include <cstdint>

#include "base/triple.h"
#include "kernels/simd/bfloat16.h"

namespace lucid {

// Describes where the channels of a tensor lie: in groups of `lanes` channels that are neighbours
// in memory. Each group is a volume.
struct ChannelGroups {
  std::int64_t samples = 1, groups = 1;  // groups of one sample
  std::int64_t lanes = 1;                // 1, 8 or 16
  std::int64_t sample_stride = 0, group_stride = 0;
  Triple voxel_stride{};  // in elements, along D, H, W

  // Returns where a group begins. Groups are counted over all samples.
  std::int64_t offset_of(std::int64_t group) const {
    return group / groups * sample_stride + group % groups * group_stride;
  }
};

// Describes where the channels of a voxel lie: in runs of `lanes` neighbours. Lanes behind the last
// channel are padding.
struct ChannelRuns {
  std::int64_t samples, channels, voxels;
  std::int64_t lanes;
  std::int64_t sample_stride, run_stride, voxel_stride;

  std::int64_t runs() const { return (channels + lanes - 1) / lanes; }
};

// Zeros the padding, which blocked layouts have where they round the channels up: oneDNN computes
// with it.
template <class Number>
void clear_padding(const ChannelRuns& where, Number* values);

extern template void clear_padding(const ChannelRuns&, float*);
extern template void clear_padding(const ChannelRuns&, Bfloat16*);
extern template void clear_padding(const ChannelRuns&, std::uint8_t*);

}  // namespace lucid
