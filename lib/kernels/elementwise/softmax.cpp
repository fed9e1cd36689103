#include "kernels/elementwise/softmax.h"

#include <algorithm>

#include "kernels/simd/exponential.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

// Voxels a thread takes at a time: what is kept for each stays in the nearest cache.
constexpr std::int64_t kBlock = 512;

// Voxels [begin, end) of one sample whose voxels are neighbours: vectors run along them.
LUCID_CLONED(void, forward_across,
             (const ChannelRuns& r, std::int64_t begin, std::int64_t end, const float* x, float* y),
             (r, begin, end, x, y)) {
  float largest[kBlock], sum[kBlock];
  const std::int64_t count = end - begin;
  x += begin;
  y += begin;
  std::copy_n(x, count, largest);
  for (std::int64_t c = 1; c < r.channels; ++c) {
    const float* from = x + c * r.run_stride;
    for (std::int64_t v = 0; v < count; ++v)
      largest[v] = from[v] > largest[v] ? from[v] : largest[v];
  }
  std::fill_n(sum, count, 0.F);
  for (std::int64_t c = 0; c < r.channels; ++c) {
    const float* from = x + c * r.run_stride;
    float* to = y + c * r.run_stride;
#pragma omp simd
    for (std::int64_t v = 0; v < count; ++v) {
      to[v] = exp_of_negative(from[v] - largest[v]);
      sum[v] += to[v];
    }
  }
  for (std::int64_t c = 0; c < r.channels; ++c) {
    float* to = y + c * r.run_stride;
    for (std::int64_t v = 0; v < count; ++v) to[v] /= sum[v];
  }
}

LUCID_CLONED(void, backward_across,
             (const ChannelRuns& r, std::int64_t begin, std::int64_t end, const float* y,
              const float* dy, float* dx),
             (r, begin, end, y, dy, dx)) {
  float sum[kBlock] = {};
  const std::int64_t count = end - begin;
  for (std::int64_t c = 0; c < r.channels; ++c) {
    const std::int64_t at = c * r.run_stride + begin;
    for (std::int64_t v = 0; v < count; ++v) sum[v] += y[at + v] * dy[at + v];
  }
  for (std::int64_t c = 0; c < r.channels; ++c) {
    const std::int64_t at = c * r.run_stride + begin;
#pragma omp simd
    for (std::int64_t v = 0; v < count; ++v) dx[at + v] = y[at + v] * (dy[at + v] - sum[v]);
  }
}

// Calls body(offset, lanes in use) for every run of a voxel.
template <class Body>
LUCID_INLINE void for_runs(const ChannelRuns& r, const Body& body) {
  for (std::int64_t left = r.channels, at = 0; left > 0; left -= r.lanes, at += r.run_stride)
    body(at, std::min(left, r.lanes));
}

// Voxels whose channels are neighbours: vectors run along the lanes.
LUCID_CLONED(void, forward_along,
             (const ChannelRuns& r, std::int64_t begin, std::int64_t end, const float* x, float* y),
             (r, begin, end, x, y)) {
  for (std::int64_t v = begin; v < end; ++v) {
    const float* from = x + v * r.voxel_stride;
    float* to = y + v * r.voxel_stride;
    float largest = from[0], sum = 0;
    for_runs(r, [&](std::int64_t at, std::int64_t lanes) LUCID_ALWAYS_INLINE {
      for (std::int64_t c = 0; c < lanes; ++c)
        largest = from[at + c] > largest ? from[at + c] : largest;
    });
    for_runs(r, [&](std::int64_t at, std::int64_t lanes) LUCID_ALWAYS_INLINE {
#pragma omp simd reduction(+ : sum)
      for (std::int64_t c = 0; c < lanes; ++c) {
        const float power = exp_of_negative(from[at + c] - largest);
        to[at + c] = power;
        sum += power;
      }
    });
    for_runs(r, [&](std::int64_t at, std::int64_t lanes) LUCID_ALWAYS_INLINE {
      for (std::int64_t c = 0; c < lanes; ++c) to[at + c] /= sum;
      std::fill_n(to + at + lanes, r.lanes - lanes, 0.F);
    });
  }
}

LUCID_CLONED(void, backward_along,
             (const ChannelRuns& r, std::int64_t begin, std::int64_t end, const float* y,
              const float* dy, float* dx),
             (r, begin, end, y, dy, dx)) {
  for (std::int64_t v = begin; v < end; ++v) {
    const std::int64_t voxel = v * r.voxel_stride;
    float sum = 0;
    for_runs(r, [&](std::int64_t run, std::int64_t lanes) LUCID_ALWAYS_INLINE {
      const std::int64_t at = voxel + run;
#pragma omp simd reduction(+ : sum)
      for (std::int64_t c = 0; c < lanes; ++c) sum += y[at + c] * dy[at + c];
    });
    for_runs(r, [&](std::int64_t run, std::int64_t lanes) LUCID_ALWAYS_INLINE {
      const std::int64_t at = voxel + run;
#pragma omp simd
      for (std::int64_t c = 0; c < lanes; ++c) dx[at + c] = y[at + c] * (dy[at + c] - sum);
      std::fill_n(dx + at + lanes, r.lanes - lanes, 0.F);
    });
  }
}

// Calls body(offset of a sample, first voxel, end) for blocks of voxels.
template <class Body>
void for_blocks(const ChannelRuns& r, const Body& body) {
  const std::int64_t blocks = (r.voxels + kBlock - 1) / kBlock;
  parallel_for(r.samples * blocks, [&](std::int64_t i) {
    const std::int64_t begin = i % blocks * kBlock;
    body(i / blocks * r.sample_stride, begin, std::min(r.voxels, begin + kBlock));
  });
}

}  // namespace

void softmax_forward(const ChannelRuns& where, const float* x, float* y) {
  const auto run = where.lanes == 1 && where.voxel_stride == 1 ? forward_across : forward_along;
  for_blocks(where, [&](std::int64_t sample, std::int64_t begin, std::int64_t end) {
    run(where, begin, end, x + sample, y + sample);
  });
}

void softmax_backward(const ChannelRuns& where, const float* y, const float* dy, float* dx) {
  const auto run = where.lanes == 1 && where.voxel_stride == 1 ? backward_across : backward_along;
  for_blocks(where, [&](std::int64_t sample, std::int64_t begin, std::int64_t end) {
    run(where, begin, end, y + sample, dy + sample, dx + sample);
  });
}

}  // namespace lucid
