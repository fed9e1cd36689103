#pragma once
// Private to this room.

#include "kernels/depthwise/row.h"

// Included by one source file for each instruction set, and local to it.
namespace lucid::depthwise {
namespace {

// Outputs side by side whose sums stay in registers.
constexpr int kRun = 8, kShortRun = 4;

// Keeps a vector that was loaded in a register: GCC would load it anew for each product.
template <class V>
LUCID_INLINE void keep([[maybe_unused]] V& value) {
#if defined(__AVX2__)
  asm("" : "+v"(value));
#endif
}

// What is known of a run when it is compiled: taps along w, stride, and how many voxels before and
// behind the input it would read. No branch is left then, which would move sums to memory.
template <int kTaps, int kStride, int kCount, int kBefore, int kBehind>
struct Run {
  static constexpr int kReached = (kCount - 1) * kStride + kTaps;
  static constexpr bool reads(int at) { return at >= kBefore && at < kReached - kBehind; }
  // The output that takes voxel `at` by the tap; below 0 for none.
  static constexpr int output_of(int at, int tap) {
    const int shifted = at - tap;
    if (shifted < 0 || shifted % kStride != 0 || shifted / kStride >= kCount) return -1;
    return shifted / kStride;
  }
};

// Adds to the sums of kCount outputs from w on. A voxel is loaded once and goes to all the outputs
// that read it. The order in which an output's products are added is that of compute_any().
template <int kLanes, int kTaps, int kStride, int kCount, int kBefore, int kBehind>
LUCID_INLINE void sum_run(const DepthwiseGeometry& g, const Row& row, std::int64_t w,
                          Floats<kLanes> (&sums)[static_cast<std::size_t>(kCount)]) {
  using Known = Run<kTaps, kStride, kCount, kBefore, kBehind>;
  const std::int64_t first = (w * kStride - g.padding[2]) * kLanes, channels = g.channels();
  for_rows_read(g, row, [&](const float* x, const float* weights) LUCID_ALWAYS_INLINE {
    Floats<kLanes> weight[static_cast<std::size_t>(kTaps)];
#pragma GCC unroll 8
    for (int k = 0; k < kTaps; ++k) load_lanes<kLanes>(weights + k * channels, weight[k]);
#pragma GCC unroll 32
    for (int at = 0; at < Known::kReached; ++at) {
      if (!Known::reads(at)) continue;
      Floats<kLanes> value;
      load_lanes<kLanes>(x + first + at * kLanes, value);
      keep(value);
#pragma GCC unroll 8
      for (int k = 0; k < kTaps; ++k)
        if (Known::output_of(at, k) >= 0) sums[Known::output_of(at, k)] += value * weight[k];
    }
  });
}

// Computes kCount outputs from w on and returns true, or does nothing where the run misses other
// voxels than padding that keeps the size makes it miss.
template <int kLanes, int kTaps, int kStride, int kCount>
LUCID_INLINE bool compute_run(const DepthwiseGeometry& g, const Row& row, std::int64_t w) {
  constexpr int kPadding = kTaps / 2, kReached = (kCount - 1) * kStride + kTaps;
  if (w + kCount > g.output[2]) return false;
  const std::int64_t first = w * kStride - g.padding[2];
  const std::int64_t before = std::max<std::int64_t>(0, -first);
  const std::int64_t behind = std::max<std::int64_t>(0, first + kReached - g.input[2]);
  Floats<kLanes> sums[static_cast<std::size_t>(kCount)];
#pragma GCC unroll 8
  for (int t = 0; t < kCount; ++t) load_lanes<kLanes>(row.bias, sums[t]);
  if (before == 0 && behind == 0)
    sum_run<kLanes, kTaps, kStride, kCount, 0, 0>(g, row, w, sums);
  else if (before == kPadding && behind == 0)
    sum_run<kLanes, kTaps, kStride, kCount, kPadding, 0>(g, row, w, sums);
  else if (before == 0 && behind == kPadding)
    sum_run<kLanes, kTaps, kStride, kCount, 0, kPadding>(g, row, w, sums);
  else if (before == kPadding && behind == kPadding)
    sum_run<kLanes, kTaps, kStride, kCount, kPadding, kPadding>(g, row, w, sums);
  else
    return false;
#pragma GCC unroll 8
  for (int t = 0; t < kCount; ++t)
    store_leaky_relu<kLanes>(sums[t], row.slope, row.y + (w + t) * kLanes);
  return true;
}

// Asks for what the rows behind this one need at w: the voxels that are new to the next plane's
// outputs, and the next row of the output. Memory is read too late otherwise.
template <int kLanes, int kStride>
LUCID_INLINE void prefetch(const DepthwiseGeometry& g, const Row& row, std::int64_t w) {
  const std::int64_t last =
      (row.d + 1) * g.stride[0] - g.padding[0] + (g.kernel[0] - 1) * g.dilation[0];
  for (std::int64_t d = last - g.stride[0] + 1; d <= std::min(last, g.input[0] - 1); ++d)
    for (std::int64_t h = row.h * g.stride[1]; h < std::min((row.h + 1) * g.stride[1], g.input[1]);
         ++h) {
      const float* x = row.x + ((d * g.input[1] + h) * g.input[2] + w * kStride) * kLanes;
#pragma GCC unroll 16
      for (int t = 0; t < kRun * kStride; ++t) __builtin_prefetch(x + t * kLanes, 0, 2);
    }
  if (row.h + 1 == g.output[1]) return;
  float* y = row.y + (w + g.output[2]) * kLanes;
#pragma GCC unroll 8
  for (int t = 0; t < kRun; ++t) __builtin_prefetch(y + t * kLanes, 1);
}

template <int kLanes, int kTaps, int kStride>
void compute_row(const DepthwiseGeometry& g, const Row& row) {
  for (std::int64_t w = 0; w < g.output[2];) {
    if (w % kRun == 0) prefetch<kLanes, kStride>(g, row, w);
    if (compute_run<kLanes, kTaps, kStride, kRun>(g, row, w)) {
      w += kRun;
    } else if (compute_run<kLanes, kTaps, kStride, kShortRun>(g, row, w)) {
      w += kShortRun;
    } else {
      compute_any<kLanes, 1>(g, row, w, taps_of(g, 2, w));
      ++w;
    }
  }
}

template <int kLanes, int kTaps, int kStride>
constexpr KnownRow known_row() {
  return {kLanes, kTaps, kStride, &compute_row<kLanes, kTaps, kStride>};
}

}  // namespace
}  // namespace lucid::depthwise
