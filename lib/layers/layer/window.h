#pragma once

#include "layers/layer/layer.h"

namespace lucid {

// Describes a sliding window along D, H and W. Dilation counts from 1.
struct Window {
  Triple kernel, stride, dilation, pad_low{}, pad_high{};
  bool ceil_mode = false;  // the last window may extend beyond the high side

  // Counts the voxels that the window spans.
  std::int64_t extent(std::size_t axis) const { return dilation[axis] * (kernel[axis] - 1) + 1; }
  std::int64_t volume() const { return kernel[0] * kernel[1] * kernel[2]; }
};

inline constexpr IntegerRange kKernelRange{1, 1 << 20};
inline constexpr IntegerRange kStrideRange{1, 1 << 20};
inline constexpr IntegerRange kPaddingRange{0, 1 << 20};

// Returns floor((in + pads - extent) / stride) + 1. Throws Error naming kernel and input if an
// output extent would be below 1.
Triple output_extents(const Window& window, const Triple& input);

LayerReceptiveField window_receptive_field(const Window& window, std::size_t axis);

// Returns D, H and W of (C, D, H, W); throws Error if the rank is another.
Triple spatial_extents(const Shape& sample);

// Returns "2x3x4".
std::string triple_text(const Triple& triple);

}  // namespace lucid
