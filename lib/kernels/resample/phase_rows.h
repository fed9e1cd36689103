#pragma once
// Private to this room.

#include <algorithm>
#include <type_traits>

#include "kernels/resample/interleave.h"
#include "kernels/simd/clones.h"

// The index arithmetic and the ReLU that interleave() and deinterleave() share.
namespace lucid::interleaving {

// Voxels of a phase that are prefetched before they are needed.
constexpr std::int64_t kAhead = 16;

// A voxel of one phase along one axis: fine voxel position * stride + phase - offset.
struct PhaseVoxel {
  std::int64_t position, phase;
};

LUCID_INLINE PhaseVoxel phase_voxel(const Interleaving& g, std::size_t axis, std::int64_t fine) {
  const std::int64_t at = fine + g.offset[axis];
  return {at / g.stride[axis], at % g.stride[axis]};
}

LUCID_INLINE std::int64_t fine_voxel(const Interleaving& g, std::size_t axis, const PhaseVoxel& v) {
  return v.position * g.stride[axis] + v.phase - g.offset[axis];
}

// Both volumes of one phase of a row, by position along W. The coarse one has the positions below
// `coarse_extent`, the fine one those from `fine_begin` to `fine_end`. Position 0 is at *_first,
// even where the fine volume does not have it.
struct PhaseRow {
  std::int64_t coarse_extent = 0, coarse_step = 0, coarse_first = 0;
  std::int64_t fine_begin = 0, fine_end = 0, fine_step = 0, fine_first = 0;
};

LUCID_INLINE void find_coarse(const Interleaving& g, const ChannelRun& run, std::int64_t sample,
                              const PhaseVoxel& d, const PhaseVoxel& h, std::int64_t phase,
                              PhaseRow& row) {
  if (d.phase >= g.phases[0] || h.phase >= g.phases[1] || phase >= g.phases[2]) return;
  const std::int64_t index = (d.phase * g.phases[1] + h.phase) * g.phases[2] + phase;
  const CoarseVolume& v = g.coarse[static_cast<std::size_t>(index)];
  if (d.position >= v.extents[0] || h.position >= v.extents[1]) return;
  row.coarse_extent = v.extents[2];
  row.coarse_step = v.step[2];
  row.coarse_first = v.first + sample * v.sample + run.coarse * v.run_step +
                     d.position * v.step[0] + h.position * v.step[1];
}

LUCID_INLINE PhaseRow phase_row(const Interleaving& g, const ChannelRun& run, std::int64_t sample,
                                const PhaseVoxel& d, const PhaseVoxel& h, std::int64_t phase) {
  PhaseRow row;
  find_coarse(g, run, sample, d, h, phase, row);
  const std::int64_t fine_d = fine_voxel(g, 0, d), fine_h = fine_voxel(g, 1, h);
  row.fine_step = g.stride[2] * g.fine_step[2];
  row.fine_first =
      fine_d * g.fine_step[0] + fine_h * g.fine_step[1] + (phase - g.offset[2]) * g.fine_step[2];
  if (fine_d < 0 || fine_d >= g.fine[0] || fine_h < 0 || fine_h >= g.fine[1]) return row;
  const std::int64_t stride = g.stride[2], shift = g.offset[2] - phase;
  const std::int64_t last = g.fine[2] - 1 + shift;
  row.fine_begin = shift <= 0 ? 0 : (shift + stride - 1) / stride;
  row.fine_end = last < 0 ? 0 : last / stride + 1;
  return row;
}

// Multiplies by the slope of the LeakyReLU below 0. A slope of 0 gives 0, also of infinity and NaN.
LUCID_INLINE float sloped(const Interleaving& g, float value) {
  return g.relu_slope == 0.F ? 0.F : g.relu_slope * value;
}

// Calls body with the lanes of a run as a constant. For 0 they are as many as it has channels.
template <class Body>
LUCID_INLINE void with_lanes(std::int64_t lanes, const Body& body) {
  if (lanes == 16) return body(std::integral_constant<int, 16>());
  if (lanes == 8) return body(std::integral_constant<int, 8>());
  if (lanes == 1) return body(std::integral_constant<int, 1>());
  body(std::integral_constant<int, 0>());
}

template <int kLanes>
LUCID_INLINE std::int64_t lanes_of(const ChannelRun& run) {
  return kLanes > 0 ? kLanes : run.channels;
}

}  // namespace lucid::interleaving
