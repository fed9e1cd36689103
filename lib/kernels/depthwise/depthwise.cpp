#include "kernels/depthwise/depthwise.h"

#include <algorithm>

#include "kernels/depthwise/row.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

using namespace depthwise;

constexpr float kNoBias[16] = {};

// Outputs along an axis whose tap reads inside the input.
Range reached(const DepthwiseGeometry& g, std::size_t axis, std::int64_t tap) {
  const std::int64_t shift = g.padding[axis] - tap * g.dilation[axis], stride = g.stride[axis];
  return {std::max<std::int64_t>(0, ceil_divide(shift, stride)),
          std::min(g.output[axis], ceil_divide(g.input[axis] + shift, stride))};
}

// Computes a row of any kernel: runs of outputs that have all taps along w, others one by one.
template <int kLanes>
LUCID_INLINE void compute_any_row(const DepthwiseGeometry& g, const Row& row) {
  constexpr int kRun = 8;
  const Range whole{reached(g, 2, 0).begin, reached(g, 2, g.kernel[2] - 1).end};
  for (std::int64_t w = 0; w < g.output[2];) {
    if (w >= whole.begin && w + kRun <= whole.end) {
      compute_any<kLanes, kRun>(g, row, w, {0, g.kernel[2]});
      w += kRun;
    } else {
      compute_any<kLanes, 1>(g, row, w, taps_of(g, 2, w));
      ++w;
    }
  }
}

LUCID_CLONED(void, any_row_16, (const DepthwiseGeometry& g, const Row& row), (g, row)) {
  compute_any_row<16>(g, row);
}
LUCID_CLONED(void, any_row_8, (const DepthwiseGeometry& g, const Row& row), (g, row)) {
  compute_any_row<8>(g, row);
}

RowFunction row_function(const DepthwiseGeometry& g) {
  const auto set = onednn::vector_set();
  const bool is_known =
      set == onednn::VectorSet::kAvx512 || (set == onednn::VectorSet::kAvx2 && g.lanes == 8);
  const KnownRow* known = g.lanes == 16 ? kAvx512Rows : kAvx2Rows;
  for (; is_known && known->lanes > 0; ++known)
    if (known->taps == g.kernel[2] && known->stride == g.stride[2] && g.dilation[2] == 1)
      return known->compute;
  return g.lanes == 16 ? any_row_16 : any_row_8;
}

// Adds the products of one tap to a row of the input gradient.
template <int kLanes>
LUCID_INLINE void add_tap(const DepthwiseGeometry& g, std::int64_t tap, const float* weights,
                          const float* dy, float* dx) {
  Floats<kLanes> weight;
  load_lanes<kLanes>(weights, weight);
  const auto [begin, end] = reached(g, 2, tap);
  float* to = dx + (begin * g.stride[2] - g.padding[2] + tap * g.dilation[2]) * kLanes;
  for (std::int64_t w = begin; w < end; ++w, to += g.stride[2] * kLanes) {
    Floats<kLanes> sum, gradient;
    load_lanes<kLanes>(to, sum);
    load_lanes<kLanes>(dy + w * kLanes, gradient);
    sum += weight * gradient;
    store_lanes<kLanes>(sum, to);
  }
}

LUCID_CLONED(void, add_tap_16,
             (const DepthwiseGeometry& g, std::int64_t tap, const float* weights, const float* dy,
              float* dx),
             (g, tap, weights, dy, dx)) {
  add_tap<16>(g, tap, weights, dy, dx);
}
LUCID_CLONED(void, add_tap_8,
             (const DepthwiseGeometry& g, std::int64_t tap, const float* weights, const float* dy,
              float* dx),
             (g, tap, weights, dy, dx)) {
  add_tap<8>(g, tap, weights, dy, dx);
}

// The output along an axis that reads input `at` by the tap; below 0 for none.
std::int64_t output_of(const DepthwiseGeometry& g, std::size_t axis, std::int64_t at,
                       std::int64_t tap) {
  const std::int64_t shifted = at + g.padding[axis] - tap * g.dilation[axis];
  if (shifted < 0 || shifted % g.stride[axis] != 0) return -1;
  const std::int64_t output = shifted / g.stride[axis];
  return output < g.output[axis] ? output : -1;
}

// Computes the input gradient for strides above 1, for which most taps miss.
void gradient_by_taps(const DepthwiseGeometry& g, const float* dy, const float* weights,
                      float* dx) {
  const std::int64_t rows = g.input[0] * g.input[1], row_floats = g.input[2] * g.lanes;
  parallel_for(g.samples * g.blocks * rows, [&](std::int64_t i) {
    const std::int64_t volume = i / rows, d = i % rows / g.input[1], h = i % g.input[1];
    const float* of_block = weights + volume % g.blocks * g.lanes;
    float* to = dx + i * row_floats;
    std::fill_n(to, row_floats, 0.F);
    for (std::int64_t tap = 0; tap < g.taps(); ++tap) {
      const std::int64_t taps_w = g.kernel[2], row_tap = tap / taps_w;
      const std::int64_t out_d = output_of(g, 0, d, row_tap / g.kernel[1]);
      const std::int64_t out_h = output_of(g, 1, h, row_tap % g.kernel[1]);
      if (out_d < 0 || out_h < 0) continue;
      const float* from =
          dy + ((volume * g.output[0] + out_d) * g.output[1] + out_h) * g.output[2] * g.lanes;
      (g.lanes == 16 ? add_tap_16 : add_tap_8)(g, tap % taps_w, of_block + tap * g.channels(), from,
                                               to);
    }
  });
}

// Returns the convolution that computes the input gradient for stride 1, but for the order of taps.
DepthwiseGeometry reversed(const DepthwiseGeometry& g) {
  DepthwiseGeometry back = g;
  std::swap(back.input, back.output);
  for (std::size_t i = 0; i < 3; ++i)
    back.padding[i] = g.dilation[i] * (g.kernel[i] - 1) - g.padding[i];
  return back;
}

}  // namespace

void depthwise_forward(const DepthwiseGeometry& g, const float* x, const float* weights,
                       const float* bias, float slope, float* y) {
  const std::int64_t rows = g.output[0] * g.output[1];
  const std::int64_t voxels = g.input[0] * g.input[1] * g.input[2];
  const RowFunction compute_row = row_function(g);
  parallel_for(g.samples * g.blocks * rows, [&](std::int64_t i) {
    const std::int64_t volume = i / rows, block = volume % g.blocks;
    const std::int64_t d = i % rows / g.output[1], h = i % g.output[1];
    compute_row(g, {.x = x + volume * voxels * g.lanes,
                    .weights = weights + block * g.lanes,
                    .d = d,
                    .h = h,
                    .taps_d = taps_of(g, 0, d),
                    .taps_h = taps_of(g, 1, h),
                    .bias = bias == nullptr ? kNoBias : bias + block * g.lanes,
                    .slope = slope,
                    .y = y + i * g.output[2] * g.lanes});
  });
}

void depthwise_input_gradient(const DepthwiseGeometry& g, const float* dy, const float* weights,
                              float* dx, float* workspace) {
  if (g.stride != Triple{1, 1, 1}) return gradient_by_taps(g, dy, weights, dx);
  for (std::int64_t tap = 0; tap < g.taps(); ++tap)
    std::copy_n(weights + (g.taps() - 1 - tap) * g.channels(), g.channels(),
                workspace + tap * g.channels());
  depthwise_forward(reversed(g), dy, workspace, nullptr, 1, dx);
}

}  // namespace lucid
