#pragma once

#include "layers/layer/layer.h"

namespace lucid {

// How a window walks over a volume, D, H, W. Dilation counts from 1.
struct Window {
  Triple kernel, stride, dilation, pad_low{}, pad_high{};
  bool ceil_mode = false;  // the last window may hang over the high side

  std::int64_t extent(std::size_t axis) const {
    return dilation[axis] * (kernel[axis] - 1) + 1;
  }  // voxels it spans
  std::int64_t volume() const { return kernel[0] * kernel[1] * kernel[2]; }
};

inline constexpr IntegerRange kKernelRange{1, 1 << 20};
inline constexpr IntegerRange kStrideRange{1, 1 << 20};
inline constexpr IntegerRange kPaddingRange{0, 1 << 20};

// floor((in + pads - extent) / stride) + 1. Throws Error naming kernel and input when an output
// extent would be below 1.
Triple output_extents(const Window& window, const Triple& input);

LayerReceptiveField window_receptive_field(const Window& window, std::size_t axis);

// (C, D, H, W); throws Error when the rank is another.
Triple spatial_extents(const Shape& sample);

std::string triple_text(const Triple& triple);  // "2x3x4"

}  // namespace lucid
