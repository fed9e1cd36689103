#include "kernels/resample/interleave.h"
#include "kernels/resample/phase_rows.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

using interleaving::kAhead;
using interleaving::PhaseRow;
using interleaving::PhaseVoxel;

// One plane of positions of one run of channels: a thread writes those of all phases.
template <class Number>
struct CoarsePlane {
  const Interleaving& g;
  const ChannelRun& run;
  std::int64_t sample, position;
  const Number *y, *dy;  // where the run's volume begins
  Number* dx;            // the first volume's
  float* sums;           // of dy, one a lane
};

// `sums` gets the row's gradients added. Those without a coarse voxel are summed only; coarse
// voxels without a fine one are 0.
template <int kLanes, class Number>
LUCID_INLINE void gather_row(const CoarsePlane<Number>& p, const PhaseRow& row, float* sums) {
  const Interleaving& g = p.g;
  const std::int64_t lanes = interleaving::lanes_of<kLanes>(p.run), step = row.fine_step;
  const std::int64_t begin = std::min(row.fine_begin, row.coarse_extent);
  const std::int64_t end =
      std::clamp(row.coarse_extent, row.fine_begin, std::max(row.fine_begin, row.fine_end));
  const Number *y = p.y + row.fine_first, *dy = p.dy + row.fine_first;
  Number* dx = p.dx + row.coarse_first;
  const auto gradient = [&](std::int64_t at) LUCID_ALWAYS_INLINE {
    const float value = to_float(dy[at]);
    const bool is_below = g.applies_relu && to_float(y[at]) <= 0.F;
    return from_float<Number>(is_below ? interleaving::sloped(g, value) : value);
  };
  for (std::int64_t i = 0; i < begin; ++i) std::fill_n(dx + i * row.coarse_step, g.lanes, Number{});
  for (std::int64_t i = row.fine_begin; i < end; ++i) {
    Number* to = dx + i * row.coarse_step;
    __builtin_prefetch(dy + (i + kAhead) * step);
    __builtin_prefetch(to + kAhead * row.coarse_step, 1);
#pragma omp simd
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      const Number value = gradient(i * step + lane);
      to[lane] = value;
      sums[lane] += to_float(value);
    }
    if (kLanes == 0) std::fill(to + lanes, to + g.lanes, Number{});
  }
  for (std::int64_t i = end; i < row.fine_end; ++i)
    for (std::int64_t lane = 0; lane < lanes; ++lane)
      sums[lane] += to_float(gradient(i * step + lane));
  for (std::int64_t i = std::max(begin, row.fine_end); i < row.coarse_extent; ++i)
    std::fill_n(dx + i * row.coarse_step, g.lanes, Number{});
}

// All phases of one row of positions. Sums of a row stay in registers where the lanes are known.
template <int kLanes, class Number>
LUCID_INLINE void gather_phases(const CoarsePlane<Number>& p, const PhaseVoxel& d,
                                const PhaseVoxel& h) {
  float row_sums[kLanes > 0 ? kLanes : 1] = {};
  for (std::int64_t phase = 0; phase < p.g.stride[2]; ++phase)
    gather_row<kLanes>(p, interleaving::phase_row(p.g, p.run, p.sample, d, h, phase),
                       kLanes > 0 ? row_sums : p.sums);
  for (int lane = 0; lane < kLanes; ++lane) p.sums[lane] += row_sums[lane];
}

template <class Number>
LUCID_INLINE void gather_any(const CoarsePlane<Number>& p) {
  const std::int64_t rows = p.g.positions(1);
  interleaving::with_lanes(p.g.fine_lanes, [&](auto lanes) LUCID_ALWAYS_INLINE {
    for (std::int64_t phase_d = 0; phase_d < p.g.stride[0]; ++phase_d)
      for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t phase_h = 0; phase_h < p.g.stride[1]; ++phase_h)
          gather_phases<decltype(lanes)::value>(p, {p.position, phase_d}, {row, phase_h});
  });
}

LUCID_CLONED(void, gather_plane, (const CoarsePlane<float>& p), (p)) { gather_any(p); }
LUCID_CLONED(void, gather_plane, (const CoarsePlane<Bfloat16>& p), (p)) { gather_any(p); }

std::int64_t most_lanes(const Interleaving& g) {
  std::int64_t most = g.lanes;
  for (const ChannelRun& run : g.runs) most = std::max(most, run.channels);
  return most;
}

// Adds the partial sums of all samples and planes, in double and in a fixed order.
void sum_bias_gradient(const Interleaving& g, const DeinterleaveBias& bias) {
  const std::int64_t width = most_lanes(g), planes = g.positions(0);
  const auto runs = static_cast<std::int64_t>(g.runs.size());
  std::fill_n(bias.gradient, bias.count, 0.F);
  parallel_for(runs, [&](std::int64_t r) {
    const ChannelRun& run = g.runs[static_cast<std::size_t>(r)];
    for (std::int64_t channel = 0; channel < run.channels; ++channel) {
      double sum = 0;
      for (std::int64_t sample = 0; sample < g.samples; ++sample)
        for (std::int64_t plane = 0; plane < planes; ++plane)
          sum += bias.partial_sums[((sample * runs + r) * planes + plane) * width + channel];
      bias.gradient[run.bias + channel] = static_cast<float>(sum);
    }
  });
}

}  // namespace

std::int64_t Interleaving::partial_sums() const {
  return samples * static_cast<std::int64_t>(runs.size()) * positions(0) * most_lanes(*this);
}

template <class Number>
void deinterleave(const Interleaving& g, const Number* fine, const Number* fine_gradient,
                  Number* coarse_gradient, const DeinterleaveBias& bias) {
  const auto runs = static_cast<std::int64_t>(g.runs.size());
  const std::int64_t planes = g.positions(0), width = most_lanes(g);
  parallel_for(g.samples * runs * planes, [&](std::int64_t i) {
    const std::int64_t sample = i / planes / runs;
    const ChannelRun& run = g.runs[static_cast<std::size_t>(i / planes % runs)];
    const std::int64_t at = sample * g.fine_sample + run.fine;
    float* sums = bias.partial_sums + i * width;
    std::fill_n(sums, width, 0.F);
    gather_plane(CoarsePlane<Number>{g, run, sample, i % planes, fine + at, fine_gradient + at,
                                     coarse_gradient, sums});
  });
  if (bias.gradient != nullptr) sum_bias_gradient(g, bias);
}

template void deinterleave(const Interleaving&, const float*, const float*, float*,
                           const DeinterleaveBias&);
template void deinterleave(const Interleaving&, const Bfloat16*, const Bfloat16*, Bfloat16*,
                           const DeinterleaveBias&);

}  // namespace lucid
