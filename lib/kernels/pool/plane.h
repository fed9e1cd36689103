#pragma once

#include "base/triple.h"
#include "kernels/pool/window.h"

// Max poolings iterate over the windows of a plane with these.
namespace lucid {

// One output plane (fixed d) of one channel group.
struct PoolPlane {
  const PoolGeometry* geometry;
  Triple in, out;  // strides, in elements
  std::int64_t d;
};

// The voxels of a cubic window that lies inside the input: their number is known, so that compilers
// unroll the loop over them.
template <int kSize>
struct PoolCube {
  static constexpr int kVolume = kSize * kSize * kSize;
  static constexpr bool kIsBoundByMemory = kSize == 2;  // and not by its instructions

  explicit LUCID_ALWAYS_INLINE PoolCube(const PoolPlane& p) : in(p.in) {}
  template <class Visit>
  LUCID_INLINE void walk(const PoolSpan& d, const PoolSpan& h, const PoolSpan& w,
                         const Visit& visit) const {
    const std::int64_t first = d.origin * in[0] + h.origin * in[1] + w.origin * in[2];
#pragma GCC unroll 27
    for (int place = 0; place < kVolume; ++place) visit(place, first + offset(place));
  }
  template <class Visit>
  LUCID_INLINE void walk_back(const PoolSpan& d, const PoolSpan& h, const PoolSpan& w,
                              const Visit& visit) const {
    const std::int64_t first = d.origin * in[0] + h.origin * in[1] + w.origin * in[2];
#pragma GCC unroll 27
    for (int place = kVolume - 1; place >= 0; --place) visit(place, first + offset(place));
  }
  LUCID_INLINE std::int64_t offset(int place) const {
    return place / (kSize * kSize) * in[0] + place / kSize % kSize * in[1] + place % kSize * in[2];
  }
  static LUCID_INLINE std::int32_t first_place(const PoolSpan&, const PoolSpan&, const PoolSpan&) {
    return 0;
  }
  Triple in;
};
using PoolPairs = PoolCube<2>;

struct AnyPoolWindow {
  static constexpr bool kIsBoundByMemory = false;
  explicit LUCID_ALWAYS_INLINE AnyPoolWindow(const PoolPlane& p) : plane(p) {}
  template <class Visit>
  LUCID_INLINE void walk(const PoolSpan& d, const PoolSpan& h, const PoolSpan& w,
                         const Visit& visit) const {
    for_window(*plane.geometry, plane.in, d, h, w, visit);
  }
  template <class Visit>
  LUCID_INLINE void walk_back(const PoolSpan& d, const PoolSpan& h, const PoolSpan& w,
                              const Visit& visit) const {
    for_window_back(*plane.geometry, plane.in, d, h, w, visit);
  }
  LUCID_INLINE std::int32_t first_place(const PoolSpan& d, const PoolSpan& h,
                                        const PoolSpan& w) const {
    const auto& kernel = plane.geometry->kernel;
    return static_cast<std::int32_t>((d.begin * kernel[1] + h.begin) * kernel[2] + w.begin);
  }
  const PoolPlane& plane;
};

// A window of 3x3x3, all of it inside the input.
LUCID_INLINE bool is_whole_cube(const PoolPlane& p, const PoolSpan& d, const PoolSpan& h,
                                const PoolSpan& w) {
  constexpr Triple kThrees{3, 3, 3}, kOnes{1, 1, 1};
  return p.geometry->kernel == kThrees && p.geometry->dilation == kOnes && d.end - d.begin == 3 &&
         h.end - h.begin == 3 && w.end - w.begin == 3;
}

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
