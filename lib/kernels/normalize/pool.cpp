#include "kernels/normalize/pool.h"

#include <limits>

#include "kernels/normalize/parts.h"
#include "kernels/pool/plane.h"
#include "kernels/simd/vector.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr int kMostLanes = 16;

// The coefficients of the lanes of a group, which are zeros for lanes without a channel.
struct LaneCoefficients {
  float mean[kMostLanes] = {}, scale[kMostLanes] = {}, shift[kMostLanes] = {};
  float slope[kMostLanes] = {}, offset[kMostLanes] = {};  // of the backward pass
};

// Both passes compute their coefficients from these.
struct Parameters {
  const SetStatistics* statistics;
  const float *weight, *bias;
};

LaneCoefficients coefficients_of(const NormalizedPool& p, std::int64_t group,
                                 const Parameters& values, const PartialSums* set_sums) {
  const PanelNormalization& n = p.normalization;
  const std::int64_t sample = group / p.in.groups, first = group % p.in.groups * p.in.lanes;
  LaneCoefficients all;
  for (std::int64_t lane = 0; lane < p.in.lanes && first + lane < n.panels.channels; ++lane) {
    const std::int64_t set = n.sets.of(n.panels, sample, first + lane);
    const SetStatistics& s = values.statistics[set];
    const Affine affine = affine_of(s, values.weight, values.bias, first + lane);
    all.mean[lane] = affine.mean;
    all.scale[lane] = affine.scale;
    all.shift[lane] = affine.shift;
    if (set_sums == nullptr) continue;
    const Correction correction = correction_of(n, s, set_sums[set]);
    all.slope[lane] = correction.slope;
    all.offset[lane] = correction.offset;
  }
  return all;
}

// GCC takes comparisons of 16 floats apart, one by one: 8 lanes at a time.
constexpr int kPiece = 8;
using Value = Floats<kPiece>;
using Place = Integers<kPiece>;
using Bytes = Vector<std::uint8_t, kPiece>;

// The lanes at an address. A function would return a vector, which changes with the instruction
// set.
struct At {
  LUCID_INLINE explicit At(const float* from) { load_vector(from, lanes); }
  Value lanes;
};

LUCID_INLINE void pool_window(const PoolPairs& walker, const PoolSpan& d, const PoolSpan& h,
                              const PoolSpan& w, const LaneCoefficients& c, int lane,
                              const float* x, const PooledWindows& to) {
  const Value mean = At(c.mean + lane).lanes, scale = At(c.scale + lane).lanes;
  const Value shift = At(c.shift + lane).lanes;
  Value best = Value{} - std::numeric_limits<float>::infinity(), chosen{};
  Place place{};
  walker.walk(d, h, w, [&](int at, std::int64_t offset) LUCID_ALWAYS_INLINE {
    const Value value = At(x + offset + lane).lanes;
    const Value scaled = (value - mean) * scale + shift;
    place = scaled > best ? Place{} + at : place;
    chosen = scaled > best ? value : chosen;
    best = scaled > best ? scaled : best;
    best = scaled != scaled ? scaled : best;  // a NaN stays
  });
  store_vector(best <= 0.F ? Value{} : best, to.y + lane);
  if (to.index == nullptr) return;
  store_vector(chosen, to.chosen + lane);
  store_vector(__builtin_convertvector(place, Bytes), to.index + lane);
}

LUCID_CLONED(void, pool_plane,
             (const PoolPlane& p, std::int64_t lanes, const LaneCoefficients& c, const float* x,
              const PooledWindows& windows),
             (p, lanes, c, x, windows)) {
  const PoolPairs walker(p);
  for_outputs(p, [&](const PoolSpan& d, const PoolSpan& h, const PoolSpan& w,
                     std::int64_t at) LUCID_ALWAYS_INLINE {
    walker.walk(d, h, w, [&](int, std::int64_t offset) LUCID_ALWAYS_INLINE {
      prefetch_next(p, x + offset);
    });
    const bool is_kept = windows.index != nullptr;
    const PooledWindows to{windows.y + at, is_kept ? windows.chosen + at : nullptr,
                           is_kept ? windows.index + at : nullptr};
    for (int lane = 0; lane < lanes; lane += kPiece) pool_window(walker, d, h, w, c, lane, x, to);
  });
}

struct GradientPlane {
  const float *x, *y, *dy;
  const std::uint8_t* index;
  float* dx;
};

// Voxels of a row, from `begin` on, that lie in no window.
LUCID_INLINE void correct_row(const PoolPlane& p, std::int64_t lanes, const LaneCoefficients& c,
                              const GradientPlane& g, std::int64_t row, std::int64_t begin) {
  for (std::int64_t w = begin; w < p.geometry->input[2]; ++w)
    for (int lane = 0; lane < lanes; lane += kPiece) {
      const std::int64_t at = row + w * p.in[2] + lane;
      const Value slope = At(c.slope + lane).lanes, offset = At(c.offset + lane).lanes;
      store_vector(slope * (At(g.x + at).lanes - At(c.mean + lane).lanes) + offset, g.dx + at);
    }
}

LUCID_CLONED(void, gradient_plane,
             (const PoolPlane& p, std::int64_t lanes, const LaneCoefficients& c,
              const GradientPlane& g),
             (p, lanes, c, g)) {
  const PoolPairs walker(p);
  for_outputs(p, [&](const PoolSpan& d, const PoolSpan& h, const PoolSpan& w,
                     std::int64_t from) LUCID_ALWAYS_INLINE {
    walker.walk(d, h, w, [&](int, std::int64_t offset) LUCID_ALWAYS_INLINE {
      prefetch_next(p, g.x + offset);
      prefetch_next(p, g.dx + offset);
    });
    for (int lane = 0; lane < lanes; lane += kPiece) {
      const Value dy = At(g.dy + from + lane).lanes;
      const Value open = At(g.y + from + lane).lanes <= 0.F ? Value{} : dy;
      const Value share = At(c.scale + lane).lanes * open, mean = At(c.mean + lane).lanes;
      const Value slope = At(c.slope + lane).lanes, offset = At(c.offset + lane).lanes;
      Bytes places;
      load_vector(g.index + from + lane, places);
      const Place place = __builtin_convertvector(places, Place);
      walker.walk(d, h, w, [&](int at, std::int64_t voxel) LUCID_ALWAYS_INLINE {
        const Value rest = slope * (At(g.x + voxel + lane).lanes - mean) + offset;
        store_vector((place == at ? share : Value{}) + rest, g.dx + voxel + lane);
      });
    }
  });
  const PoolGeometry& geometry = *p.geometry;
  const std::int64_t covered_h = 2 * geometry.output[1], covered_w = 2 * geometry.output[2];
  const bool is_last = p.d + 1 == geometry.output[0];
  for (std::int64_t d = 2 * p.d; d < (is_last ? geometry.input[0] : 2 * p.d + 2); ++d)
    for (std::int64_t h = 0; h < geometry.input[1]; ++h)
      correct_row(p, lanes, c, g, d * p.in[0] + h * p.in[1],
                  d < 2 * p.d + 2 && h < covered_h ? covered_w : 0);
}

// Calls body(plane, group) for every plane of windows.
template <class Body>
void for_planes(const NormalizedPool& p, const Body& body) {
  const std::int64_t planes = p.geometry.output[0];
  parallel_for(p.in.samples * p.in.groups * planes, [&](std::int64_t i) {
    body(PoolPlane{&p.geometry, p.in.voxel_stride, p.out.voxel_stride, i % planes}, i / planes);
  });
}

}  // namespace

bool NormalizedPool::is_possible() const {
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (geometry.stride[axis] != 2) return false;
  return has_pairs(geometry) && (in.lanes == 8 || in.lanes == kMostLanes);
}

void normalize_and_pool(const NormalizedPool& p, const SetStatistics* statistics,
                        const float* weight, const float* bias, const float* x,
                        const PooledWindows& windows) {
  for_planes(p, [&](const PoolPlane& plane, std::int64_t group) {
    const std::int64_t at = p.out.offset_of(group);
    const bool is_kept = windows.index != nullptr;
    pool_plane(plane, p.in.lanes, coefficients_of(p, group, {statistics, weight, bias}, nullptr),
               x + p.in.offset_of(group),
               {windows.y + at, is_kept ? windows.chosen + at : nullptr,
                is_kept ? windows.index + at : nullptr});
  });
}

void normalize_pool_input_gradient(const NormalizedPool& p, const NormalizeBackward& back,
                                   const PartialSums* sums, PartialSums* set_sums, const float* y,
                                   const std::uint8_t* index, float* dx) {
  sum_sets(p.normalization, back.weight, sums, set_sums);
  for_planes(p, [&](const PoolPlane& plane, std::int64_t group) {
    const std::int64_t from = p.out.offset_of(group), to = p.in.offset_of(group);
    gradient_plane(plane, p.in.lanes,
                   coefficients_of(p, group, {back.statistics, back.weight, back.bias}, set_sums),
                   {back.x + to, y + from, back.dy + from, index + from, dx + to});
  });
}

}  // namespace lucid
