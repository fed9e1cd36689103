#include "kernels/resample/resample.h"

#include <algorithm>

#include "kernels/simd/clones.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kRowFloats = 8192;  // of a sum of input rows: 32 KiB of the stack

struct Span {
  const AxisTaps::Tap *begin, *end;
  std::int64_t count() const { return end - begin; }
};

LUCID_INLINE Span taps_of(const AxisTaps& axis, std::int64_t output) {
  const AxisTaps::Tap* taps = axis.taps.data();
  return {taps + axis.begin[static_cast<std::size_t>(output)],
          taps + axis.begin[static_cast<std::size_t>(output) + 1]};
}

// y[o] = the sum over o's taps of x, for [begin, end) of a row.
template <int kLanes>
LUCID_INLINE void mix_row(const AxisTaps& axis, std::int64_t begin, std::int64_t end,
                          const float* x, std::int64_t x_step, float* y, std::int64_t y_step) {
  for (std::int64_t o = begin; o < end; ++o) {
    float sum[kLanes] = {};
    const Span span = taps_of(axis, o);
    for (const AxisTaps::Tap* tap = span.begin; tap != span.end; ++tap)
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane)
        sum[lane] += tap->weight * x[tap->input * x_step + lane];
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane) y[o * y_step + lane] = sum[lane];
  }
}

template <int kLanes>
LUCID_INLINE void copy_or_mix_row(const Resampling& r, const float* x, std::int64_t x_step,
                                  float* y, std::int64_t y_step) {
  const CopiedRun& run = r.copied();
  const AxisTaps& axis = r.axis(2);
  mix_row<kLanes>(axis, 0, run.begin, x, x_step, y, y_step);
  if (x_step == kLanes && y_step == kLanes)
    std::copy_n(x + (run.begin + run.shift) * kLanes, (run.end - run.begin) * kLanes,
                y + run.begin * kLanes);
  else
    mix_row<kLanes>(axis, run.begin, run.end, x, x_step, y, y_step);
  mix_row<kLanes>(axis, run.end, axis.outputs(), x, x_step, y, y_step);
}

// Rows that are added up in one pass over the sum.
struct WeightedRows {
  static constexpr int kMost = 4;
  const float* row[kMost];
  float weight[kMost];
  int count = 0;
};

template <int kRows>
LUCID_INLINE void add_rows(const WeightedRows& rows, std::int64_t count, float* sum) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) {
    float value = sum[i];
    for (int k = 0; k < kRows; ++k) value += rows.weight[k] * rows.row[k][i];
    sum[i] = value;
  }
}

LUCID_INLINE void flush(WeightedRows& rows, std::int64_t count, float* sum) {
  if (rows.count == 4) add_rows<4>(rows, count, sum);
  if (rows.count == 3) add_rows<3>(rows, count, sum);
  if (rows.count == 2) add_rows<2>(rows, count, sum);
  if (rows.count == 1) add_rows<1>(rows, count, sum);
  rows.count = 0;
}

// The weighted sum of the input rows that an output row is made from.
template <int kLanes>
LUCID_INLINE void sum_rows(const Span& d, const Span& h, const ChannelGroups& in,
                           std::int64_t voxels, const float* x, float* sum) {
  const std::int64_t step = in.voxel_stride[2];
  std::fill_n(sum, voxels * kLanes, 0.F);
  WeightedRows rows;
  for (const AxisTaps::Tap* td = d.begin; td != d.end; ++td)
    for (const AxisTaps::Tap* th = h.begin; th != h.end; ++th) {
      const float* row = x + td->input * in.voxel_stride[0] + th->input * in.voxel_stride[1];
      const float weight = td->weight * th->weight;
      if (step == kLanes) {
        rows.row[rows.count] = row;
        rows.weight[rows.count++] = weight;
        if (rows.count == WeightedRows::kMost) flush(rows, voxels * kLanes, sum);
        continue;
      }
      for (std::int64_t voxel = 0; voxel < voxels; ++voxel)
#pragma omp simd
        for (int lane = 0; lane < kLanes; ++lane)
          sum[voxel * kLanes + lane] += weight * row[voxel * step + lane];
    }
  flush(rows, voxels * kLanes, sum);
}

// Interpolates rows that are too long to be summed first.
template <int kLanes>
LUCID_INLINE void mix_voxels(const Span& d, const Span& h, const AxisTaps& axis,
                             const ChannelGroups& in, const float* x, float* y,
                             std::int64_t y_step) {
  for (std::int64_t o = 0; o < axis.outputs(); ++o) {
    const Span w = taps_of(axis, o);
    float sum[kLanes] = {};
    for (const AxisTaps::Tap* td = d.begin; td != d.end; ++td)
      for (const AxisTaps::Tap* th = h.begin; th != h.end; ++th)
        for (const AxisTaps::Tap* tw = w.begin; tw != w.end; ++tw) {
          const float* from = x + td->input * in.voxel_stride[0] + th->input * in.voxel_stride[1] +
                              tw->input * in.voxel_stride[2];
          const float weight = td->weight * th->weight * tw->weight;
#pragma omp simd
          for (int lane = 0; lane < kLanes; ++lane) sum[lane] += weight * from[lane];
        }
    std::copy_n(sum, kLanes, y + o * y_step);
  }
}

// One output plane of one channel group.
template <int kLanes>
LUCID_INLINE void resample_plane(const Resampling& r, const ChannelGroups& in,
                                 const ChannelGroups& out, std::int64_t input_row, std::int64_t od,
                                 const float* x, float* y) {
  const std::int64_t y_step = out.voxel_stride[2];
  const Span d = taps_of(r.axis(0), od);
  for (std::int64_t oh = 0; oh < r.axis(1).outputs(); ++oh) {
    const Span h = taps_of(r.axis(1), oh);
    float* row = y + od * out.voxel_stride[0] + oh * out.voxel_stride[1];
    const bool is_one =
        d.count() == 1 && h.count() == 1 && d.begin->weight == 1.F && h.begin->weight == 1.F;
    if (is_one) {
      const float* from =
          x + d.begin->input * in.voxel_stride[0] + h.begin->input * in.voxel_stride[1];
      copy_or_mix_row<kLanes>(r, from, in.voxel_stride[2], row, y_step);
    } else if (input_row * kLanes > kRowFloats) {
      mix_voxels<kLanes>(d, h, r.axis(2), in, x, row, y_step);
    } else {
      float sum[kRowFloats];
      sum_rows<kLanes>(d, h, in, input_row, x, sum);
      copy_or_mix_row<kLanes>(r, sum, kLanes, row, y_step);
    }
  }
}

// The functions that are compiled once an instruction set.
#define LUCID_RESAMPLE_PLANE(kLanes)                                                    \
  LUCID_CLONED(void, plane_##kLanes,                                                    \
               (const Resampling& r, const ChannelGroups& in, const ChannelGroups& out, \
                std::int64_t input_row, std::int64_t od, const float* x, float* y),     \
               (r, in, out, input_row, od, x, y)) {                                     \
    resample_plane<kLanes>(r, in, out, input_row, od, x, y);                            \
  }

LUCID_RESAMPLE_PLANE(16)
LUCID_RESAMPLE_PLANE(8)
LUCID_RESAMPLE_PLANE(1)
#undef LUCID_RESAMPLE_PLANE

CopiedRun longest_copied_run(const AxisTaps& axis) {
  CopiedRun longest, run;
  for (std::int64_t o = 0; o < axis.outputs(); ++o) {
    const Span span = taps_of(axis, o);
    const bool is_copied = span.count() == 1 && span.begin->weight == 1.F;
    const std::int64_t shift = is_copied ? span.begin->input - o : 0;
    if (!is_copied || run.end != o || shift != run.shift || run.begin == run.end)
      run = {o, o, shift};
    if (is_copied) run.end = o + 1;
    if (run.end - run.begin > longest.end - longest.begin) longest = run;
  }
  return longest;
}

}  // namespace

void AxisTaps::add_output(std::initializer_list<Tap> of) {
  taps.insert(taps.end(), of);
  begin.push_back(static_cast<std::int64_t>(taps.size()));
}

AxisTaps AxisTaps::transposed(std::int64_t inputs) const {
  std::vector<std::vector<Tap>> by_input(static_cast<std::size_t>(inputs));
  for (std::int64_t o = 0; o < outputs(); ++o) {
    const Span span = taps_of(*this, o);
    for (const Tap* tap = span.begin; tap != span.end; ++tap)
      by_input[static_cast<std::size_t>(tap->input)].push_back({o, tap->weight});
  }
  AxisTaps result;
  for (const std::vector<Tap>& of : by_input) {
    result.taps.insert(result.taps.end(), of.begin(), of.end());
    result.begin.push_back(static_cast<std::int64_t>(result.taps.size()));
  }
  return result;
}

Resampling::Resampling(std::array<AxisTaps, 3> axes)
    : axes_(std::move(axes)), copied_(longest_copied_run(axes_[2])) {}

Resampling Resampling::transposed(const Triple& inputs) const {
  return Resampling({axes_[0].transposed(inputs[0]), axes_[1].transposed(inputs[1]),
                     axes_[2].transposed(inputs[2])});
}

void resample(const Resampling& resampling, const ChannelGroups& in, const ChannelGroups& out,
              const float* x, float* y) {
  const std::int64_t planes = resampling.axis(0).outputs();
  const std::int64_t input_row = in.voxel_stride[1] / in.voxel_stride[2];
  const auto plane = in.lanes == 16 ? plane_16 : in.lanes == 8 ? plane_8 : plane_1;
  parallel_for(in.samples * in.groups * planes, [&](std::int64_t i) {
    const std::int64_t group = i / planes;
    plane(resampling, in, out, input_row, i % planes, x + in.offset_of(group),
          y + out.offset_of(group));
  });
}

}  // namespace lucid
