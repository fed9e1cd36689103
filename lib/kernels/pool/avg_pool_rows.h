#pragma once
// Private to this room.

#include <algorithm>

#include "base/triple.h"
#include "kernels/pool/avg_pool.h"

// The windows of an average pooling along an axis, and rows of them in plain volumes.
namespace lucid::avg_pool {

// One axis of a window: its part inside the input, and the voxels the divisor counts.
struct AxisPart {
  PoolSpan span;
  std::int64_t counted;
};

LUCID_INLINE AxisPart part_of(const AveragePool& pool, std::size_t axis, std::int64_t out) {
  const PoolGeometry& g = pool.geometry;
  const std::int64_t origin = out * g.stride[axis] - g.padding[axis];
  const PoolSpan span{std::max<std::int64_t>(0, -origin),
                      std::min(g.kernel[axis], g.input[axis] - origin), origin};
  if (pool.divisor == PoolDivisor::kInside) return {span, span.end - span.begin};
  // A window in ceil mode may reach beyond the padding. Voxels there are not counted.
  return {span, std::min(g.kernel[axis], g.input[axis] + g.padding[axis] - origin)};
}

LUCID_INLINE float divisor_of(const AveragePool& pool, const AxisPart& d, const AxisPart& h,
                              const AxisPart& w) {
  if (pool.divisor == PoolDivisor::kFixed) return pool.fixed_divisor;
  return static_cast<float>(d.counted * h.counted * w.counted);
}

// Windows of a plain row that a buffer holds: the rows of their planes are summed side by side, and
// those sums along the row.
constexpr std::int64_t kShortKernel = 16, kBuffer = 512;

// Outputs [begin, end) of a row, and the input voxels [low, high) of their windows.
struct RowPiece {
  std::int64_t begin, end, low, high;
};

template <class Body>
LUCID_INLINE void for_pieces(const PoolGeometry& g, const Body& body) {
  const std::int64_t most = std::max<std::int64_t>(1, (kBuffer - g.kernel[2]) / g.stride[2] + 1);
  for (std::int64_t begin = 0; begin < g.output[2]; begin += most) {
    const std::int64_t end = std::min(g.output[2], begin + most);
    const std::int64_t first = begin * g.stride[2] - g.padding[2];
    const std::int64_t last = (end - 1) * g.stride[2] - g.padding[2] + g.kernel[2];
    body(RowPiece{begin, end, std::max<std::int64_t>(0, first), std::min(g.input[2], last)});
  }
}

LUCID_INLINE void sum_planes(const Triple& in, const PoolSpan& d, const PoolSpan& h,
                             const RowPiece& piece, const float* x, float* total) {
  const std::int64_t count = piece.high - piece.low;
  std::fill_n(total, count, 0.F);
  for (std::int64_t i = d.begin; i < d.end; ++i) {
    float plane[kBuffer] = {};
    for (std::int64_t j = h.begin; j < h.end; ++j) {
      const float* from = x + (d.origin + i) * in[0] + (h.origin + j) * in[1] + piece.low;
#pragma omp simd
      for (std::int64_t w = 0; w < count; ++w) plane[w] += from[w];
    }
#pragma omp simd
    for (std::int64_t w = 0; w < count; ++w) total[w] += plane[w];
  }
}

// One output row of a plain volume.
LUCID_INLINE void forward_row(const AveragePool& pool, const Triple& in, const AxisPart& d,
                              const AxisPart& h, const float* x, float* y) {
  for_pieces(pool.geometry, [&](const RowPiece& piece) LUCID_ALWAYS_INLINE {
    float total[kBuffer];
    sum_planes(in, d.span, h.span, piece, x, total);
    if (pool.geometry.is_tiling() && pool.geometry.kernel[2] == 2) {
      const float divisor = divisor_of(pool, d, h, {{}, 2});
#pragma omp simd
      for (std::int64_t i = 0; i < piece.end - piece.begin; ++i)
        y[piece.begin + i] = (total[2 * i] + total[2 * i + 1]) / divisor;
      return;
    }
    for (std::int64_t ow = piece.begin; ow < piece.end; ++ow) {
      const AxisPart w = part_of(pool, 2, ow);
      float sum = 0;
      for (std::int64_t k = w.span.begin; k < w.span.end; ++k)
        sum += total[w.span.origin + k - piece.low];
      y[ow] = sum / divisor_of(pool, d, h, w);
    }
  });
}

LUCID_INLINE bool takes_rows(const AveragePool& pool, const Triple& in, const Triple& out) {
  return in[2] == 1 && out[2] == 1 && pool.geometry.kernel[2] < kShortKernel;
}

// One output row of a plain volume: what its windows share along a row goes to all of their rows.
template <bool kIsTiling>
LUCID_INLINE void spread_row(const AveragePool& pool, const Triple& in, const AxisPart& d,
                             const AxisPart& h, const float* dy, float* dx) {
  for_pieces(pool.geometry, [&](const RowPiece& piece) LUCID_ALWAYS_INLINE {
    const std::int64_t count = piece.high - piece.low;
    float shares[kBuffer] = {};
    if (kIsTiling && pool.geometry.kernel[2] == 2) {
      const float divisor = divisor_of(pool, d, h, {{}, 2});
#pragma omp simd
      for (std::int64_t i = 0; i < count; ++i) shares[i] = dy[piece.begin + i / 2] / divisor;
    } else {
      for (std::int64_t ow = piece.begin; ow < piece.end; ++ow) {
        const AxisPart w = part_of(pool, 2, ow);
        const float share = dy[ow] / divisor_of(pool, d, h, w);
        for (std::int64_t k = w.span.begin; k < w.span.end; ++k)
          shares[w.span.origin + k - piece.low] += share;
      }
    }
    for (std::int64_t i = d.span.begin; i < d.span.end; ++i)
      for (std::int64_t j = h.span.begin; j < h.span.end; ++j) {
        float* to = dx + (d.span.origin + i) * in[0] + (h.span.origin + j) * in[1] + piece.low;
#pragma omp simd
        for (std::int64_t w = 0; w < count; ++w) to[w] = kIsTiling ? shares[w] : to[w] + shares[w];
      }
  });
}

}  // namespace lucid::avg_pool
