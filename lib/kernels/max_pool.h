#pragma once

#include <array>
#include <cstdint>

namespace lucid {

// D, H, W of a pooling; dilation counts from 1, padding is -infinity.
struct PoolGeometry {
  using Extents = std::array<std::int64_t, 3>;
  Extents input, output, kernel, stride, dilation, padding;

  // Windows that share no voxel along the axis.
  bool is_disjoint(std::size_t axis) const {
    return stride[axis] >= dilation[axis] * (kernel[axis] - 1) + 1;
  }
  // Every input voxel lies in exactly one window.
  bool is_tiling() const {
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (stride[axis] != kernel[axis] || dilation[axis] != 1 || padding[axis] != 0 ||
          output[axis] * stride[axis] != input[axis])
        return false;
    return true;
  }
  std::int64_t window_volume() const { return kernel[0] * kernel[1] * kernel[2]; }
};

// Where the channels of one tensor lie: groups of `lanes` channels that are neighbours in memory,
// each group a volume of its own.
struct ChannelGroups {
  std::int64_t samples = 1, groups = 1;  // groups of one sample
  std::int64_t lanes = 1;                // 1, 8 or 16
  std::int64_t sample_stride = 0, group_stride = 0;
  PoolGeometry::Extents voxel_stride{};  // in floats, along D, H, W
};

// The largest value of every window; the first of equal ones counts, a NaN wins. `index`, when not
// null, gets its place in the window (kD x kH x kW order), one an output value in the order of y.
// Index is uint8_t for windows of at most 256 voxels, else int32_t.
template <class Index>
void max_pool_forward(const PoolGeometry& geometry, const ChannelGroups& in,
                      const ChannelGroups& out, const float* x, float* y, Index* index);

// dx = the sum of dy over the windows that chose the voxel; all of dx is written.
template <class Index>
void max_pool_backward(const PoolGeometry& geometry, const ChannelGroups& in,
                       const ChannelGroups& out, const Index* index, const float* dy, float* dx);

extern template void max_pool_forward(const PoolGeometry&, const ChannelGroups&,
                                      const ChannelGroups&, const float*, float*, std::uint8_t*);
extern template void max_pool_forward(const PoolGeometry&, const ChannelGroups&,
                                      const ChannelGroups&, const float*, float*, std::int32_t*);
extern template void max_pool_backward(const PoolGeometry&, const ChannelGroups&,
                                       const ChannelGroups&, const std::uint8_t*, const float*,
                                       float*);
extern template void max_pool_backward(const PoolGeometry&, const ChannelGroups&,
                                       const ChannelGroups&, const std::int32_t*, const float*,
                                       float*);

}  // namespace lucid
