#include "kernels/resample/interleave.h"

#include <algorithm>

#include "kernels/simd/clones.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kAhead = 16;  // voxels of a phase that are asked for before they are needed

// Places q of one phase along one axis, by the fine voxel q * stride + phase - offset: those in
// [begin, end) have one.
struct Places {
  std::int64_t begin, end;
};

LUCID_INLINE Places places(const Interleaving& g, std::size_t axis, std::int64_t phase) {
  const std::int64_t stride = g.stride[axis], shift = g.offset[axis] - phase;
  const std::int64_t last = g.fine[axis] - 1 + shift;
  return {shift <= 0 ? 0 : (shift + stride - 1) / stride, last < 0 ? 0 : last / stride + 1};
}

// A plane or row of voxels.
struct Origin {
  std::int64_t place, phase;
};

LUCID_INLINE Origin origin(const Interleaving& g, std::size_t axis, std::int64_t fine) {
  const std::int64_t at = fine + g.offset[axis];
  return {at / g.stride[axis], at % g.stride[axis]};
}

// A row of voxels of one phase and run; none where the phase has no such row.
struct CoarseRow {
  std::int64_t extent = 0, step = 0, at = 0;
};

LUCID_INLINE CoarseRow coarse_row(const Interleaving& g, const ChannelRun& run, std::int64_t sample,
                                  const Origin& d, const Origin& h, std::int64_t phase) {
  if (d.phase >= g.phases[0] || h.phase >= g.phases[1] || phase >= g.phases[2]) return {};
  const std::int64_t index = (d.phase * g.phases[1] + h.phase) * g.phases[2] + phase;
  const CoarseVolume& v = g.coarse[static_cast<std::size_t>(index)];
  if (d.place >= v.extents[0] || h.place >= v.extents[1]) return {};
  return {v.extents[2], v.step[2],
          v.first + sample * v.sample + run.coarse * v.run_step + d.place * v.step[0] +
              h.place * v.step[1]};
}

// Where the ReLU is closed; 0 of a 0 slope, whatever the value.
LUCID_INLINE float sloped(const Interleaving& g, float value) {
  return g.relu_slope == 0.F ? 0.F : g.relu_slope * value;
}

template <class Number>
LUCID_INLINE Number finished(const Interleaving& g, float value) {
  return from_float<Number>(g.applies_relu && value <= 0.F ? sloped(g, value) : value);
}

// A run's lanes in the fine volume: kLanes, or for 0 as many as it has channels.
template <int kLanes>
LUCID_INLINE std::int64_t lanes_of(const ChannelRun& run) {
  return kLanes > 0 ? kLanes : run.channels;
}

template <int kLanes, class Number>
LUCID_INLINE void fill_plane(const Interleaving& g, const ChannelRun& run, std::int64_t sample,
                             std::int64_t ud, const Number* z, const float* bias, Number* y) {
  const std::int64_t lanes = lanes_of<kLanes>(run);
  float add[kLanes > 0 ? kLanes : 1] = {};  // zero beyond the run's channels
  for (std::int64_t lane = 0; kLanes > 0 && bias != nullptr && lane < run.channels; ++lane)
    add[lane] = bias[lane];
  const auto bias_of = [&](std::int64_t lane) LUCID_ALWAYS_INLINE {
    return kLanes > 0 ? add[lane] : bias == nullptr ? 0.F : bias[lane];
  };
  const Origin d = origin(g, 0, ud);
  for (std::int64_t uh = 0; uh < g.fine[1]; ++uh) {
    const Origin h = origin(g, 1, uh);
    for (std::int64_t phase = 0; phase < g.stride[2]; ++phase) {
      const CoarseRow row = coarse_row(g, run, sample, d, h, phase);
      const Places w = places(g, 2, phase);
      const std::int64_t end = std::clamp(row.extent, w.begin, std::max(w.begin, w.end));
      const Number* from = z + row.at;
      Number* to =
          y + ud * g.fine_step[0] + uh * g.fine_step[1] + (phase - g.offset[2]) * g.fine_step[2];
      const std::int64_t step = g.stride[2] * g.fine_step[2];
      for (std::int64_t q = w.begin; q < end; ++q) {
        __builtin_prefetch(to + (q + kAhead) * step, 1);
#pragma omp simd
        for (std::int64_t lane = 0; lane < lanes; ++lane)
          to[q * step + lane] =
              finished<Number>(g, to_float(from[q * row.step + lane]) + bias_of(lane));
      }
      for (std::int64_t q = end; q < w.end; ++q)
        for (std::int64_t lane = 0; lane < lanes; ++lane)
          to[q * step + lane] = finished<Number>(g, bias_of(lane));
    }
  }
}

// One phase of one row, dy at place 0; `sums` gets the sum of its gradients. Without coarse voxels
// they are summed only.
template <int kLanes, class Number>
LUCID_INLINE void gather_row(const Interleaving& g, const ChannelRun& run, const Places& w,
                             const CoarseRow& row, const Number* y, const Number* dy, Number* z,
                             float* sums) {
  const std::int64_t lanes = lanes_of<kLanes>(run), step = g.stride[2] * g.fine_step[2];
  const std::int64_t begin = std::min(w.begin, row.extent);
  const std::int64_t end = std::clamp(row.extent, w.begin, std::max(w.begin, w.end));
  const auto gradient = [&](std::int64_t at) LUCID_ALWAYS_INLINE {
    const float slope = to_float(dy[at]);
    return from_float<Number>(g.applies_relu && to_float(y[at]) <= 0.F ? sloped(g, slope) : slope);
  };
  for (std::int64_t q = 0; q < begin; ++q) std::fill_n(z + q * row.step, g.lanes, Number{});
  for (std::int64_t q = w.begin; q < end; ++q) {
    Number* to = z + q * row.step;
    __builtin_prefetch(dy + (q + kAhead) * step);
    __builtin_prefetch(to + kAhead * row.step, 1);
#pragma omp simd
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      const Number value = gradient(q * step + lane);
      to[lane] = value;
      sums[lane] += to_float(value);
    }
    if (kLanes == 0) std::fill(to + lanes, to + g.lanes, Number{});
  }
  for (std::int64_t q = end; q < w.end; ++q)
    for (std::int64_t lane = 0; lane < lanes; ++lane)
      sums[lane] += to_float(gradient(q * step + lane));
  for (std::int64_t q = std::max(begin, w.end); q < row.extent; ++q)
    std::fill_n(z + q * row.step, g.lanes, Number{});
}

// All phases of one row of places; `sums` gets the run's sums added.
template <int kLanes, class Number>
LUCID_INLINE void gather_rows(const Interleaving& g, const ChannelRun& run, std::int64_t sample,
                              const Origin& d, const Origin& h, const Number* y, const Number* dy,
                              Number* z, float* sums) {
  const std::int64_t ud = d.place * g.stride[0] + d.phase - g.offset[0];
  const std::int64_t uh = h.place * g.stride[1] + h.phase - g.offset[1];
  const bool is_fine = ud >= 0 && ud < g.fine[0] && uh >= 0 && uh < g.fine[1];
  float row_sums[kLanes > 0 ? kLanes : 1] = {};
  for (std::int64_t phase = 0; phase < g.stride[2]; ++phase) {
    const CoarseRow row = coarse_row(g, run, sample, d, h, phase);
    const Places w = is_fine ? places(g, 2, phase) : Places{0, 0};
    const std::int64_t fine =
        ud * g.fine_step[0] + uh * g.fine_step[1] + (phase - g.offset[2]) * g.fine_step[2];
    gather_row<kLanes>(g, run, w, row, y + fine, dy + fine, z + row.at,
                       kLanes > 0 ? row_sums : sums);
  }
  for (int lane = 0; lane < kLanes; ++lane) sums[lane] += row_sums[lane];
}

template <int kLanes, class Number>
LUCID_INLINE void gather_plane(const Interleaving& g, const ChannelRun& run, std::int64_t sample,
                               std::int64_t place, const Number* y, const Number* dy, Number* z,
                               float* sums) {
  const std::int64_t rows = g.places(1);
  for (std::int64_t pd = 0; pd < g.stride[0]; ++pd)
    for (std::int64_t qh = 0; qh < rows; ++qh)
      for (std::int64_t ph = 0; ph < g.stride[1]; ++ph)
        gather_rows<kLanes>(g, run, sample, {place, pd}, {qh, ph}, y, dy, z, sums);
}

// The functions that are compiled once an instruction set.
#define LUCID_INTERLEAVE_PLANES(kLanes, Number)                                                    \
  LUCID_CLONES void fill_##kLanes(const Interleaving& g, const ChannelRun& run, std::int64_t n,    \
                                  std::int64_t ud, const Number* z, const float* bias,             \
                                  Number* y) {                                                     \
    fill_plane<kLanes>(g, run, n, ud, z, bias, y);                                                 \
  }                                                                                                \
  LUCID_CLONES void gather_##kLanes(const Interleaving& g, const ChannelRun& run, std::int64_t n,  \
                                    std::int64_t qd, const Number* y, const Number* dy, Number* z, \
                                    float* sums) {                                                 \
    gather_plane<kLanes>(g, run, n, qd, y, dy, z, sums);                                           \
  }

LUCID_INTERLEAVE_PLANES(16, float)
LUCID_INTERLEAVE_PLANES(8, float)
LUCID_INTERLEAVE_PLANES(1, float)
LUCID_INTERLEAVE_PLANES(0, float)
LUCID_INTERLEAVE_PLANES(16, Bfloat16)
LUCID_INTERLEAVE_PLANES(8, Bfloat16)
LUCID_INTERLEAVE_PLANES(1, Bfloat16)
LUCID_INTERLEAVE_PLANES(0, Bfloat16)
#undef LUCID_INTERLEAVE_PLANES

std::int64_t sums_of_run(const Interleaving& g) {
  std::int64_t most = g.lanes;
  for (const ChannelRun& run : g.runs) most = std::max(most, run.channels);
  return most;
}

void add_up(const Interleaving& g, const DeinterleaveBias& bias) {
  const std::int64_t width = sums_of_run(g), planes = g.places(0);
  const auto runs = static_cast<std::int64_t>(g.runs.size());
  std::fill_n(bias.gradient, bias.count, 0.F);
  parallel_for(runs, [&](std::int64_t r) {
    const ChannelRun& run = g.runs[static_cast<std::size_t>(r)];
    for (std::int64_t channel = 0; channel < run.channels; ++channel) {
      double sum = 0;
      for (std::int64_t n = 0; n < g.samples; ++n)
        for (std::int64_t plane = 0; plane < planes; ++plane)
          sum += bias.partial_sums[((n * runs + r) * planes + plane) * width + channel];
      bias.gradient[run.bias + channel] = static_cast<float>(sum);
    }
  });
}

}  // namespace

std::int64_t Interleaving::places(std::size_t axis) const {
  std::int64_t most = (fine[axis] - 1 + offset[axis]) / stride[axis] + 1;
  for (const CoarseVolume& volume : coarse) most = std::max(most, volume.extents[axis]);
  return most;
}

std::int64_t Interleaving::partial_sums() const {
  return samples * static_cast<std::int64_t>(runs.size()) * places(0) * sums_of_run(*this);
}

template <class Number>
void interleave(const Interleaving& g, const Number* coarse, const float* bias, Number* fine) {
  const auto runs = static_cast<std::int64_t>(g.runs.size());
  void (*fill)(const Interleaving&, const ChannelRun&, std::int64_t, std::int64_t, const Number*,
               const float*, Number*) = fill_0;
  if (g.fine_lanes == 16) fill = fill_16;
  if (g.fine_lanes == 8) fill = fill_8;
  if (g.fine_lanes == 1) fill = fill_1;
  parallel_for(g.samples * runs * g.fine[0], [&](std::int64_t i) {
    const std::int64_t n = i / g.fine[0] / runs, r = i / g.fine[0] % runs;
    const ChannelRun& run = g.runs[static_cast<std::size_t>(r)];
    fill(g, run, n, i % g.fine[0], coarse, bias == nullptr ? nullptr : bias + run.bias,
         fine + n * g.fine_sample + run.fine);
  });
}

template <class Number>
void deinterleave(const Interleaving& g, const Number* fine, const Number* fine_gradient,
                  Number* coarse_gradient, const DeinterleaveBias& bias) {
  const auto runs = static_cast<std::int64_t>(g.runs.size());
  const std::int64_t planes = g.places(0), width = sums_of_run(g);
  void (*gather)(const Interleaving&, const ChannelRun&, std::int64_t, std::int64_t, const Number*,
                 const Number*, Number*, float*) = gather_0;
  if (g.fine_lanes == 16) gather = gather_16;
  if (g.fine_lanes == 8) gather = gather_8;
  if (g.fine_lanes == 1) gather = gather_1;
  parallel_for(g.samples * runs * planes, [&](std::int64_t i) {
    const std::int64_t n = i / planes / runs, r = i / planes % runs;
    const ChannelRun& run = g.runs[static_cast<std::size_t>(r)];
    const std::int64_t at = n * g.fine_sample + run.fine;
    float* sums = bias.partial_sums + i * width;
    std::fill_n(sums, width, 0.F);
    gather(g, run, n, i % planes, fine + at, fine_gradient + at, coarse_gradient, sums);
  });
  if (bias.gradient != nullptr) add_up(g, bias);
}

template void interleave(const Interleaving&, const float*, const float*, float*);
template void interleave(const Interleaving&, const Bfloat16*, const float*, Bfloat16*);
template void deinterleave(const Interleaving&, const float*, const float*, float*,
                           const DeinterleaveBias&);
template void deinterleave(const Interleaving&, const Bfloat16*, const Bfloat16*, Bfloat16*,
                           const DeinterleaveBias&);

}  // namespace lucid
