#include "kernels/pool/avg_pool.h"

#include <algorithm>

#include "kernels/pool/avg_pool_rows.h"
#include "kernels/simd/vector.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {
using avg_pool::AxisPart;
using avg_pool::divisor_of;
using avg_pool::part_of;

LUCID_INLINE float sum_of_row(const float* from, std::int64_t count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t k = 0; k < count; ++k) sum += from[k];
  return sum;
}

// A row after the other, so that no float is added to one far larger.
template <class V>
LUCID_INLINE void sum_window(const Triple& in, const PoolSpan& d, const PoolSpan& h,
                             const PoolSpan& w, const float* x, V& total) {
  constexpr std::int64_t kLongRow = 16;
  const std::int64_t count = w.end - w.begin;
  const bool is_long_row = sizeof(V) == sizeof(float) && in[2] == 1 && count >= kLongRow;
  for (std::int64_t i = d.begin; i < d.end; ++i) {
    V plane{};
    for (std::int64_t j = h.begin; j < h.end; ++j) {
      const float* from =
          x + (d.origin + i) * in[0] + (h.origin + j) * in[1] + (w.origin + w.begin) * in[2];
      V row{};
      if (is_long_row)
        row += sum_of_row(from, count);
      else
        for (std::int64_t k = 0; k < count; ++k) {
          V value;
          load_vector(from + k * in[2], value);
          row += value;
        }
      plane += row;
    }
    total += plane;
  }
}

// One output plane (fixed d) of one channel group.
template <int kLanes>
LUCID_INLINE void forward_plane(const AveragePool& pool, const Triple& in, const Triple& out,
                                std::int64_t od, const float* x, float* y) {
  using V = Floats<kLanes>;
  const AxisPart d = part_of(pool, 0, od);
  for (std::int64_t oh = 0; oh < pool.geometry.output[1]; ++oh) {
    const AxisPart h = part_of(pool, 1, oh);
    if (kLanes == 1 && avg_pool::takes_rows(pool, in, out)) {
      avg_pool::forward_row(pool, in, d, h, x, y + od * out[0] + oh * out[1]);
      continue;
    }
    for (std::int64_t ow = 0; ow < pool.geometry.output[2]; ++ow) {
      const AxisPart w = part_of(pool, 2, ow);
      V total{};
      sum_window(in, d.span, h.span, w.span, x, total);
      store_lanes<kLanes>(total / divisor_of(pool, d, h, w),
                          y + od * out[0] + oh * out[1] + ow * out[2]);
    }
  }
}

// Windows that tile the input write every voxel once; others add to voxels that are 0 at first.
template <bool kIsTiling, class V>
LUCID_INLINE void spread(const Triple& in, const PoolSpan& d, const PoolSpan& h, const PoolSpan& w,
                         const V& share, float* dx) {
  const std::int64_t count = w.end - w.begin;
  for (std::int64_t i = d.begin; i < d.end; ++i)
    for (std::int64_t j = h.begin; j < h.end; ++j) {
      float* row =
          dx + (d.origin + i) * in[0] + (h.origin + j) * in[1] + (w.origin + w.begin) * in[2];
      for (std::int64_t k = 0; k < count; ++k, row += in[2]) {
        V sum{};
        if (!kIsTiling) load_vector(row, sum);
        store_vector(sum + share, row);
      }
    }
}

template <int kLanes, bool kIsTiling>
LUCID_INLINE void backward_plane(const AveragePool& pool, const Triple& in, const Triple& out,
                                 std::int64_t od, const float* dy, float* dx) {
  using V = Floats<kLanes>;
  const AxisPart d = part_of(pool, 0, od);
  for (std::int64_t oh = 0; oh < pool.geometry.output[1]; ++oh) {
    const AxisPart h = part_of(pool, 1, oh);
    if (kLanes == 1 && avg_pool::takes_rows(pool, in, out)) {
      avg_pool::spread_row<kIsTiling>(pool, in, d, h, dy + od * out[0] + oh * out[1], dx);
      continue;
    }
    for (std::int64_t ow = 0; ow < pool.geometry.output[2]; ++ow) {
      const AxisPart w = part_of(pool, 2, ow);
      V share;
      load_lanes<kLanes>(dy + od * out[0] + oh * out[1] + ow * out[2], share);
      share /= divisor_of(pool, d, h, w);
      spread<kIsTiling>(in, d.span, h.span, w.span, share, dx);
    }
  }
}

// The functions that are compiled once an instruction set.
#define LUCID_POOL_PLANES(kLanes)                                                              \
  LUCID_CLONED(void, forward_##kLanes,                                                         \
               (const AveragePool& pool, const Triple& in, const Triple& out, std::int64_t od, \
                const float* x, float* y),                                                     \
               (pool, in, out, od, x, y)) {                                                    \
    forward_plane<kLanes>(pool, in, out, od, x, y);                                            \
  }                                                                                            \
  LUCID_CLONED(void, backward_##kLanes,                                                        \
               (const AveragePool& pool, const Triple& in, const Triple& out, std::int64_t od, \
                const float* dy, float* dx),                                                   \
               (pool, in, out, od, dy, dx)) {                                                  \
    if (pool.geometry.is_tiling())                                                             \
      backward_plane<kLanes, true>(pool, in, out, od, dy, dx);                                 \
    else                                                                                       \
      backward_plane<kLanes, false>(pool, in, out, od, dy, dx);                                \
  }

LUCID_POOL_PLANES(16)
LUCID_POOL_PLANES(8)
LUCID_POOL_PLANES(1)
#undef LUCID_POOL_PLANES

}  // namespace

void avg_pool_forward(const AveragePool& pool, const ChannelGroups& in, const ChannelGroups& out,
                      const float* x, float* y) {
  const auto run = in.lanes == 16 ? forward_16 : in.lanes == 8 ? forward_8 : forward_1;
  const std::int64_t planes = pool.geometry.output[0];
  parallel_for(in.samples * in.groups * planes, [&](std::int64_t i) {
    const std::int64_t group = i / planes;
    run(pool, in.voxel_stride, out.voxel_stride, i % planes, x + in.offset_of(group),
        y + out.offset_of(group));
  });
}

void avg_pool_backward(const AveragePool& pool, const ChannelGroups& in, const ChannelGroups& out,
                       const float* dy, float* dx) {
  constexpr std::int64_t kZeroBlock = 1 << 14;
  const PoolGeometry& g = pool.geometry;
  if (!g.is_tiling())
    parallel_blocks(
        in.samples * in.sample_stride, kZeroBlock,
        [&](std::int64_t begin, std::int64_t end) { std::fill(dx + begin, dx + end, 0.F); });
  const auto run = in.lanes == 16 ? backward_16 : in.lanes == 8 ? backward_8 : backward_1;
  // Planes of windows that share input voxels go to one thread, one after the other.
  const std::int64_t planes = g.output[0], together = g.is_disjoint(0) ? 1 : planes;
  parallel_for(in.samples * in.groups * planes / together, [&](std::int64_t i) {
    const std::int64_t group = i * together / planes, first = i * together % planes;
    for (std::int64_t od = first; od < first + together; ++od)
      run(pool, in.voxel_stride, out.voxel_stride, od, dy + out.offset_of(group),
          dx + in.offset_of(group));
  });
}

}  // namespace lucid
