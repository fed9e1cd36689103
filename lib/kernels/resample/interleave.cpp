#include "kernels/resample/interleave.h"

#include "kernels/resample/phase_rows.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

using interleaving::kAhead;
using interleaving::PhaseRow;
using interleaving::PhaseVoxel;

// One plane of one run of channels of the fine volume, which one thread fills.
template <class Number>
struct FinePlane {
  const Interleaving& g;
  const ChannelRun& run;
  std::int64_t sample, depth;
  const Number* coarse;  // the first volume's
  const float* bias;     // the run's, or null
  Number* fine;          // where the run's volume begins
};

// The biases of a run's lanes, which are 0 beyond its channels.
template <int kLanes>
struct RunBias {
  LUCID_ALWAYS_INLINE RunBias(const ChannelRun& run, const float* bias) : all(bias) {
    for (std::int64_t lane = 0; kLanes > 0 && bias != nullptr && lane < run.channels; ++lane)
      held[lane] = bias[lane];
  }
  LUCID_INLINE float operator[](std::int64_t lane) const {
    return kLanes > 0 ? held[lane] : all == nullptr ? 0.F : all[lane];
  }
  const float* all;
  float held[kLanes > 0 ? kLanes : 1] = {};
};

template <class Number>
LUCID_INLINE Number activated(const Interleaving& g, float value) {
  return from_float<Number>(g.applies_relu && value <= 0.F ? interleaving::sloped(g, value)
                                                           : value);
}

// Fine voxels beyond the coarse volume get the bias alone.
template <int kLanes, class Number>
LUCID_INLINE void fill_row(const FinePlane<Number>& p, const PhaseRow& row,
                           const RunBias<kLanes>& bias) {
  const Interleaving& g = p.g;
  const std::int64_t lanes = interleaving::lanes_of<kLanes>(p.run), step = row.fine_step;
  const std::int64_t end =
      std::clamp(row.coarse_extent, row.fine_begin, std::max(row.fine_begin, row.fine_end));
  const Number* from = p.coarse + row.coarse_first;
  Number* to = p.fine + row.fine_first;
  for (std::int64_t i = row.fine_begin; i < end; ++i) {
    __builtin_prefetch(to + (i + kAhead) * step, 1);
#pragma omp simd
    for (std::int64_t lane = 0; lane < lanes; ++lane)
      to[i * step + lane] =
          activated<Number>(g, to_float(from[i * row.coarse_step + lane]) + bias[lane]);
  }
  for (std::int64_t i = end; i < row.fine_end; ++i)
    for (std::int64_t lane = 0; lane < lanes; ++lane)
      to[i * step + lane] = activated<Number>(g, bias[lane]);
}

template <int kLanes, class Number>
LUCID_INLINE void fill_rows(const FinePlane<Number>& p) {
  const Interleaving& g = p.g;
  const RunBias<kLanes> bias(p.run, p.bias);
  const PhaseVoxel d = interleaving::phase_voxel(g, 0, p.depth);
  for (std::int64_t fine_h = 0; fine_h < g.fine[1]; ++fine_h) {
    const PhaseVoxel h = interleaving::phase_voxel(g, 1, fine_h);
    for (std::int64_t phase = 0; phase < g.stride[2]; ++phase)
      fill_row<kLanes>(p, interleaving::phase_row(g, p.run, p.sample, d, h, phase), bias);
  }
}

template <class Number>
LUCID_INLINE void fill_any(const FinePlane<Number>& p) {
  interleaving::with_lanes(p.g.fine_lanes, [&](auto lanes) LUCID_ALWAYS_INLINE {
    fill_rows<decltype(lanes)::value>(p);
  });
}

LUCID_CLONED(void, fill_plane, (const FinePlane<float>& p), (p)) { fill_any(p); }
LUCID_CLONED(void, fill_plane, (const FinePlane<Bfloat16>& p), (p)) { fill_any(p); }

}  // namespace

std::int64_t Interleaving::positions(std::size_t axis) const {
  std::int64_t most = (fine[axis] - 1 + offset[axis]) / stride[axis] + 1;
  for (const CoarseVolume& volume : coarse) most = std::max(most, volume.extents[axis]);
  return most;
}

template <class Number>
void interleave(const Interleaving& g, const Number* coarse, const float* bias, Number* fine) {
  const auto runs = static_cast<std::int64_t>(g.runs.size());
  parallel_for(g.samples * runs * g.fine[0], [&](std::int64_t i) {
    const std::int64_t sample = i / g.fine[0] / runs;
    const ChannelRun& run = g.runs[static_cast<std::size_t>(i / g.fine[0] % runs)];
    fill_plane(FinePlane<Number>{g, run, sample, i % g.fine[0], coarse,
                                 bias == nullptr ? nullptr : bias + run.bias,
                                 fine + sample * g.fine_sample + run.fine});
  });
}

template void interleave(const Interleaving&, const float*, const float*, float*);
template void interleave(const Interleaving&, const Bfloat16*, const float*, Bfloat16*);

}  // namespace lucid
