#pragma once
// Private to this room.

#include "kernels/blocked_gradient/tile.h"
#include "kernels/simd/vector.h"

// Included by one source file for each instruction set. Everything is local to that file: of two
// functions of one name the linker would keep either, and an old processor would run new code.
namespace lucid::blocked_gradient {
namespace {

// Adds to what is there only at the end: products that begin at 0 round less than those that are
// added to a large sum one by one.
template <class V>
LUCID_INLINE void finish(const TileArguments& a, const V& sum, float* to) {
  V before{};
  if (a.accumulates) load_vector(to, before);
  store_vector(before + sum, to);
}

// Registers hold the sums of O output blocks, P taps and K inputs: each dy and each x is read once.
template <int Lanes, int O, int P, int K>
void products(const TileArguments& a) {
  using V = Floats<Lanes>;
  V sums[O][P][K];
  const auto place = [&](int o, int p, int k) {
    return a.dw + o * a.dw_block_stride + a.dw_taps[static_cast<unsigned>(p)] +
           k * a.dw_input_stride;
  };
#pragma GCC unroll 32
  for (int i = 0; i < O * P * K; ++i) sums[i / (P * K)][i / K % P][i % K] = V{};
  const std::int64_t step = a.x_step;
  for (const Segment* segment = a.segments; segment != a.segments + a.segment_count; ++segment) {
    const float* x[P];
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) x[p] = segment->x[static_cast<unsigned>(p)] + a.x_offset;
    const float* dy = a.dy + segment->dy;
    const float* const end = dy + segment->voxels * Lanes;
    for (std::int64_t at = 0; dy != end; dy += Lanes, at += step) {
      V d[O];
#pragma GCC unroll 16
      for (int o = 0; o < O; ++o) load_vector(dy + o * a.dy_block_stride, d[o]);
#pragma GCC unroll 32
      for (int i = 0; i < P * K; ++i) {
        V all;
        broadcast(x[i / K][at + i % K], all);
#pragma GCC unroll 16
        for (int o = 0; o < O; ++o) sums[o][i / K][i % K] += d[o] * all;
      }
    }
  }
#pragma GCC unroll 32
  for (int i = 0; i < O * P * K; ++i)
    finish(a, sums[i / (P * K)][i / K % P][i % K], place(i / (P * K), i / K % P, i % K));
}

template <int Lanes, int P>
void lane_products(const TileArguments& a) {
  using V = Floats<Lanes>;
  V sums[P];
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) sums[p] = V{};
  for (const Segment* segment = a.segments; segment != a.segments + a.segment_count; ++segment) {
    const float* x[P];
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) x[p] = segment->x[static_cast<unsigned>(p)] + a.x_offset;
    const float* dy = a.dy + segment->dy;
    const float* const end = dy + segment->voxels * Lanes;
    for (std::int64_t at = 0; dy != end; dy += Lanes, at += a.x_step) {
      V d;
      load_vector(dy, d);
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) {
        V in;
        load_vector(x[p] + at, in);
        sums[p] += d * in;
      }
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) finish(a, sums[p], a.dw + a.dw_taps[static_cast<unsigned>(p)]);
}

template <int Lanes>
void sums(const TileArguments& a) {
  using V = Floats<Lanes>;
  V total[4] = {};  // four independent sums hide the latency of an addition
  V next;
  for (const Segment* segment = a.segments; segment != a.segments + a.segment_count; ++segment) {
    const float* dy = a.dy + segment->dy;
    std::int64_t v = 0;
    for (; v + 4 <= segment->voxels; v += 4, dy += 4 * Lanes)
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        load_vector(dy + i * Lanes, next);
        total[i] += next;
      }
    for (; v < segment->voxels; ++v, dy += Lanes) {
      load_vector(dy, next);
      total[0] += next;
    }
  }
  finish(a, (total[0] + total[1]) + (total[2] + total[3]), a.dw);
}

template <int Lanes, int O, int P, int K>
constexpr Tile product_tile() {
  return {Lanes, O, P, K, &products<Lanes, O, P, K>};
}

template <int Lanes, int P>
constexpr LaneTile lane_tile() {
  return {Lanes, P, &lane_products<Lanes, P>};
}

}  // namespace
}  // namespace lucid::blocked_gradient
