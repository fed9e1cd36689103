#pragma once

#include <algorithm>
#include <cstdint>

#include "base/triple.h"
#include "kernels/simd/clones.h"

namespace lucid {

// D, H, W of a pooling; dilation counts from 1.
struct PoolGeometry {
  Triple input, output, kernel, stride, dilation, padding;

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

// The part of a window, as steps of the kernel, that lies inside the input along one axis.
struct PoolSpan {
  std::int64_t begin, end, origin;  // origin: input position of step 0
};

LUCID_INLINE PoolSpan inside(const PoolGeometry& g, std::size_t axis, std::int64_t out) {
  const std::int64_t origin = out * g.stride[axis] - g.padding[axis], dilation = g.dilation[axis];
  const std::int64_t begin = origin < 0 ? (-origin + dilation - 1) / dilation : 0;
  const std::int64_t end =
      std::min(g.kernel[axis], (g.input[axis] - origin + dilation - 1) / dilation);
  return {begin, end, origin};
}

// Calls visit(place in the window, offset of the voxel's first lane in the input) for every voxel
// of a window, in order.
template <class Visit>
LUCID_INLINE void for_window(const PoolGeometry& g, const Triple& stride, const PoolSpan& d,
                             const PoolSpan& h, const PoolSpan& w, const Visit& visit) {
  for (std::int64_t i = d.begin; i < d.end; ++i)
    for (std::int64_t j = h.begin; j < h.end; ++j)
      for (std::int64_t k = w.begin; k < w.end; ++k)
        visit((i * g.kernel[1] + j) * g.kernel[2] + k,
              (d.origin + i * g.dilation[0]) * stride[0] +
                  (h.origin + j * g.dilation[1]) * stride[1] +
                  (w.origin + k * g.dilation[2]) * stride[2]);
}

// The same from the last voxel to the first.
template <class Visit>
LUCID_INLINE void for_window_back(const PoolGeometry& g, const Triple& stride, const PoolSpan& d,
                                  const PoolSpan& h, const PoolSpan& w, const Visit& visit) {
  for (std::int64_t i = d.end - 1; i >= d.begin; --i)
    for (std::int64_t j = h.end - 1; j >= h.begin; --j)
      for (std::int64_t k = w.end - 1; k >= w.begin; --k)
        visit((i * g.kernel[1] + j) * g.kernel[2] + k,
              (d.origin + i * g.dilation[0]) * stride[0] +
                  (h.origin + j * g.dilation[1]) * stride[1] +
                  (w.origin + k * g.dilation[2]) * stride[2]);
}

}  // namespace lucid
