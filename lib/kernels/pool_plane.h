#pragma once

#include "kernels/pool_window.h"

// How max poolings walk over the windows of a plane.
namespace lucid {

// One output plane (fixed d) of one channel group.
struct PoolPlane {
  const PoolGeometry* geometry;
  PoolGeometry::Extents in, out;  // strides, in numbers
  std::int64_t d;
};

// The voxels of a window of 2x2x2 that lies inside the input, as every window here does: their
// number is known, so that compilers unroll the loop over them.
struct PoolPairs {
  explicit LUCID_ALWAYS_INLINE PoolPairs(const PoolPlane& p) : in(p.in) {}
  template <class Visit>
  LUCID_INLINE void walk(const PoolSpan& d, const PoolSpan& h, const PoolSpan& w,
                         const Visit& visit) const {
    const std::int64_t first = d.origin * in[0] + h.origin * in[1] + w.origin * in[2];
#pragma GCC unroll 8
    for (int place = 0; place < 8; ++place)
      visit(place, first + (place / 4) * in[0] + (place / 2 % 2) * in[1] + (place % 2) * in[2]);
  }
  static LUCID_INLINE std::int32_t first_place(const PoolSpan&, const PoolSpan&, const PoolSpan&) {
    return 0;
  }
  PoolGeometry::Extents in;
};

struct AnyPoolWindow {
  explicit LUCID_ALWAYS_INLINE AnyPoolWindow(const PoolPlane& p) : plane(p) {}
  template <class Visit>
  LUCID_INLINE void walk(const PoolSpan& d, const PoolSpan& h, const PoolSpan& w,
                         const Visit& visit) const {
    for_window(*plane.geometry, plane.in, d, h, w, visit);
  }
  LUCID_INLINE std::int32_t first_place(const PoolSpan& d, const PoolSpan& h,
                                        const PoolSpan& w) const {
    const auto& kernel = plane.geometry->kernel;
    return static_cast<std::int32_t>((d.begin * kernel[1] + h.begin) * kernel[2] + w.begin);
  }
  const PoolPlane& plane;
};

inline bool has_pairs(const PoolGeometry& g) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (g.kernel[axis] != 2 || g.dilation[axis] != 1 || g.padding[axis] != 0 ||
        (g.output[axis] - 1) * g.stride[axis] + 2 > g.input[axis])
      return false;
  return true;
}

// Calls visit(spans, offset of the output voxel) for every window of the plane.
template <class Visit>
LUCID_INLINE void for_outputs(const PoolPlane& p, const Visit& visit) {
  const PoolGeometry& g = *p.geometry;
  const PoolSpan d = inside(g, 0, p.d);
  for (std::int64_t oh = 0; oh < g.output[1]; ++oh) {
    const PoolSpan h = inside(g, 1, oh);
    for (std::int64_t ow = 0; ow < g.output[2]; ++ow)
      visit(d, h, inside(g, 2, ow), p.d * p.out[0] + oh * p.out[1] + ow * p.out[2]);
  }
}

// Asks for the row of windows after this one: four streams are more than processors foresee.
template <class Number>
LUCID_INLINE void prefetch_next(const PoolPlane& p, const Number* voxel) {
  __builtin_prefetch(voxel + p.geometry->stride[1] * p.in[1]);
}

}  // namespace lucid
