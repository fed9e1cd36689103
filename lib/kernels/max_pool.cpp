#include "kernels/max_pool.h"

#include <algorithm>
#include <limits>

#include "kernels/pool_window.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

using Extents = PoolGeometry::Extents;

// One output plane (fixed d) of one channel group. Lanes are independent, so the innermost loops
// become vector code.
template <int kLanes, class Index>
LUCID_INLINE void forward_plane(const PoolGeometry& g, const Extents& in, const Extents& out,
                                std::int64_t od, const float* x, float* y, Index* index) {
  const PoolSpan d = inside(g, 0, od);
  for (std::int64_t oh = 0; oh < g.output[1]; ++oh) {
    const PoolSpan h = inside(g, 1, oh);
    for (std::int64_t ow = 0; ow < g.output[2]; ++ow) {
      const PoolSpan w = inside(g, 2, ow);
      float best[kLanes];
      std::int32_t place[kLanes];
      const auto first =
          static_cast<std::int32_t>((d.begin * g.kernel[1] + h.begin) * g.kernel[2] + w.begin);
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) {
        best[lane] = -std::numeric_limits<float>::infinity();
        place[lane] = first;
      }
      for_window(g, in, d, h, w, [&](std::int64_t at, std::int64_t offset) LUCID_ALWAYS_INLINE {
        const auto here = static_cast<std::int32_t>(at);
#pragma omp simd
        for (int lane = 0; lane < kLanes; ++lane) {
          const float value = x[offset + lane];
          const bool is_better = (value > best[lane]) | (value != value);
          best[lane] = is_better ? value : best[lane];
          place[lane] = is_better ? here : place[lane];
        }
      });
      const std::int64_t to = od * out[0] + oh * out[1] + ow * out[2];
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) y[to + lane] = best[lane];
      if (index == nullptr) continue;
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) index[to + lane] = static_cast<Index>(place[lane]);
    }
  }
}

// Windows that tile the input write every voxel once; others add to voxels that are 0 at first.
template <int kLanes, class Index>
LUCID_INLINE void backward_plane(const PoolGeometry& g, const Extents& in, const Extents& out,
                                 std::int64_t od, const Index* index, const float* dy, float* dx) {
  const bool is_tiling = g.is_tiling();
  const PoolSpan d = inside(g, 0, od);
  for (std::int64_t oh = 0; oh < g.output[1]; ++oh) {
    const PoolSpan h = inside(g, 1, oh);
    for (std::int64_t ow = 0; ow < g.output[2]; ++ow) {
      const PoolSpan w = inside(g, 2, ow);
      const std::int64_t from = od * out[0] + oh * out[1] + ow * out[2];
      float gradient[kLanes];
      std::int32_t place[kLanes];
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) {
        gradient[lane] = dy[from + lane];
        place[lane] = static_cast<std::int32_t>(index[from + lane]);
      }
      for_window(g, in, d, h, w, [&](std::int64_t at, std::int64_t offset) LUCID_ALWAYS_INLINE {
        const auto here = static_cast<std::int32_t>(at);
        float* to = dx + offset;
        if (is_tiling) {
#pragma omp simd
          for (int lane = 0; lane < kLanes; ++lane)
            to[lane] = place[lane] == here ? gradient[lane] : 0.F;
        } else {
#pragma omp simd
          for (int lane = 0; lane < kLanes; ++lane)
            to[lane] += place[lane] == here ? gradient[lane] : 0.F;
        }
      });
    }
  }
}

// The functions that are compiled once an instruction set.
#define LUCID_POOL_PLANES(kLanes, Index)                                                           \
  LUCID_CLONES void forward_##kLanes(const PoolGeometry& g, const Extents& in, const Extents& out, \
                                     std::int64_t od, const float* x, float* y, Index* index) {    \
    forward_plane<kLanes>(g, in, out, od, x, y, index);                                            \
  }                                                                                                \
  LUCID_CLONES void backward_##kLanes(const PoolGeometry& g, const Extents& in,                    \
                                      const Extents& out, std::int64_t od, const Index* index,     \
                                      const float* dy, float* dx) {                                \
    backward_plane<kLanes>(g, in, out, od, index, dy, dx);                                         \
  }

LUCID_POOL_PLANES(16, std::uint8_t)
LUCID_POOL_PLANES(8, std::uint8_t)
LUCID_POOL_PLANES(1, std::uint8_t)
LUCID_POOL_PLANES(16, std::int32_t)
LUCID_POOL_PLANES(8, std::int32_t)
LUCID_POOL_PLANES(1, std::int32_t)
#undef LUCID_POOL_PLANES

}  // namespace

template <class Index>
void max_pool_forward(const PoolGeometry& geometry, const ChannelGroups& in,
                      const ChannelGroups& out, const float* x, float* y, Index* index) {
  const std::int64_t planes = geometry.output[0];
  parallel_for(in.samples * in.groups * planes, [&](std::int64_t i) {
    const std::int64_t group = i / planes, od = i % planes;
    const float* from = x + in.offset_of(group);
    float* to = y + out.offset_of(group);
    Index* chosen = index == nullptr ? nullptr : index + out.offset_of(group);
    if (in.lanes == 16)
      forward_16(geometry, in.voxel_stride, out.voxel_stride, od, from, to, chosen);
    else if (in.lanes == 8)
      forward_8(geometry, in.voxel_stride, out.voxel_stride, od, from, to, chosen);
    else
      forward_1(geometry, in.voxel_stride, out.voxel_stride, od, from, to, chosen);
  });
}

template <class Index>
void max_pool_backward(const PoolGeometry& geometry, const ChannelGroups& in,
                       const ChannelGroups& out, const Index* index, const float* dy, float* dx) {
  constexpr std::int64_t kZeroBlock = 1 << 14;
  if (!geometry.is_tiling())
    parallel_blocks(
        in.samples * in.sample_stride, kZeroBlock,
        [&](std::int64_t begin, std::int64_t end) { std::fill(dx + begin, dx + end, 0.F); });
  // Planes of windows that share input voxels go to one thread, one after the other.
  const std::int64_t planes = geometry.output[0], together = geometry.is_disjoint(0) ? 1 : planes;
  parallel_for(in.samples * in.groups * planes / together, [&](std::int64_t i) {
    const std::int64_t group = i * together / planes, first = i * together % planes;
    for (std::int64_t od = first; od < first + together; ++od) {
      const Index* chosen = index + out.offset_of(group);
      const float* from = dy + out.offset_of(group);
      float* to = dx + in.offset_of(group);
      if (in.lanes == 16)
        backward_16(geometry, in.voxel_stride, out.voxel_stride, od, chosen, from, to);
      else if (in.lanes == 8)
        backward_8(geometry, in.voxel_stride, out.voxel_stride, od, chosen, from, to);
      else
        backward_1(geometry, in.voxel_stride, out.voxel_stride, od, chosen, from, to);
    }
  });
}

template void max_pool_forward(const PoolGeometry&, const ChannelGroups&, const ChannelGroups&,
                               const float*, float*, std::uint8_t*);
template void max_pool_forward(const PoolGeometry&, const ChannelGroups&, const ChannelGroups&,
                               const float*, float*, std::int32_t*);
template void max_pool_backward(const PoolGeometry&, const ChannelGroups&, const ChannelGroups&,
                                const std::uint8_t*, const float*, float*);
template void max_pool_backward(const PoolGeometry&, const ChannelGroups&, const ChannelGroups&,
                                const std::int32_t*, const float*, float*);

}  // namespace lucid
