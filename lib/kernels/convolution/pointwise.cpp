#include "kernels/convolution/pointwise.h"

#include <algorithm>
#include <type_traits>

#include "kernels/simd/clones.h"
#include "kernels/simd/vector.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kVoxels = 1 << 11;  // that a thread takes at a time
constexpr std::int64_t kAhead = 64;        // voxels that are asked for before they are needed
constexpr int kTile = 8;                   // voxels and channels that are transposed at a time

// Some voxels of one sample.
struct Block {
  std::int64_t sample, begin, end;
};

std::int64_t blocks_of_sample(const Pointwise& p) { return (p.voxels + kVoxels - 1) / kVoxels; }

template <class Body>
void for_blocks(const Pointwise& p, const Body& body) {
  const std::int64_t per_sample = blocks_of_sample(p);
  parallel_for(p.x.samples * per_sample, [&](std::int64_t i) {
    const std::int64_t begin = i % per_sample * kVoxels;
    body(i, Block{i / per_sample, begin, std::min(p.voxels, begin + kVoxels)});
  });
}

// Calls body with the number of outputs as a constant, so that their sums stay in registers.
template <class Body>
LUCID_INLINE void with_outputs(std::int64_t outputs, const Body& body) {
  switch (outputs) {
    case 1:
      return body(std::integral_constant<int, 1>());
    case 2:
      return body(std::integral_constant<int, 2>());
    case 3:
      return body(std::integral_constant<int, 3>());
    case 4:
      return body(std::integral_constant<int, 4>());
    case 5:
      return body(std::integral_constant<int, 5>());
    case 6:
      return body(std::integral_constant<int, 6>());
    case 7:
      return body(std::integral_constant<int, 7>());
    default:
      return body(std::integral_constant<int, 8>());
  }
}

using Eight = Floats<kTile>;

// Rows of 8 voxels' channels become rows of a channel's 8 voxels.
LUCID_INLINE void transpose(Eight (&rows)[kTile]) {
  Eight pairs[kTile], quads[kTile];
#pragma GCC unroll 8
  for (int i = 0; i < kTile; i += 2) {
    pairs[i] = __builtin_shufflevector(rows[i], rows[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    pairs[i + 1] = __builtin_shufflevector(rows[i], rows[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
#pragma GCC unroll 8
  for (int i = 0; i < kTile; ++i) {
    const int first = i / 4 * 4 + i % 4 / 2;
    quads[i] =
        i % 2 == 0
            ? __builtin_shufflevector(pairs[first], pairs[first + 2], 0, 1, 8, 9, 4, 5, 12, 13)
            : __builtin_shufflevector(pairs[first], pairs[first + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
#pragma GCC unroll 8
  for (int i = 0; i < kTile / 2; ++i) {
    rows[i] = __builtin_shufflevector(quads[i], quads[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    rows[i + 4] = __builtin_shufflevector(quads[i], quads[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

// 8 voxels, whose first channel lies at x; y gets 8 of every output.
template <int kOutputs>
LUCID_INLINE void forward_tile(const Pointwise& p, const float* x, const float* weights,
                               const float* bias, float* y) {
  const std::int64_t step = p.x.voxel_stride[2];
  Eight sums[kOutputs];
  for (int o = 0; o < kOutputs; ++o) sums[o] = Eight{} + (bias == nullptr ? 0.F : bias[o]);
  for (std::int64_t first = 0; first < p.inputs(); first += kTile) {
    const float* from = x + first / p.x.lanes * p.x.group_stride + first % p.x.lanes;
    Eight rows[kTile];
#pragma GCC unroll 8
    for (int voxel = 0; voxel < kTile; ++voxel) {
      load_vector(from + voxel * step, rows[voxel]);
      if (first % p.x.lanes == 0) __builtin_prefetch(from + (voxel + kAhead) * step);
    }
    transpose(rows);
    for (int o = 0; o < kOutputs; ++o)
#pragma GCC unroll 8
      for (int channel = 0; channel < kTile; ++channel)
        sums[o] += weights[o * p.inputs() + first + channel] * rows[channel];
  }
  for (int o = 0; o < kOutputs; ++o) store_lanes<kTile>(sums[o], y + o * p.voxels);
}

LUCID_INLINE float forward_voxel(const Pointwise& p, const float* x, const float* weights) {
  float sum = 0;
  for (std::int64_t group = 0; group < p.x.groups; ++group)
    for (std::int64_t lane = 0; lane < p.x.lanes; ++lane)
      sum += weights[group * p.x.lanes + lane] * x[group * p.x.group_stride + lane];
  return sum;
}

LUCID_CLONED(void, forward_block,
             (const Pointwise& p, const Block& block, const float* x, const float* weights,
              const float* bias, float* y),
             (p, block, x, weights, bias, y)) {
  with_outputs(p.outputs, [&](auto outputs) LUCID_ALWAYS_INLINE {
    constexpr int kOutputs = decltype(outputs)::value;
    std::int64_t voxel = block.begin;
    for (; voxel + kTile <= block.end; voxel += kTile)
      forward_tile<kOutputs>(p, x + voxel * p.x.voxel_stride[2], weights, bias, y + voxel);
    for (; voxel < block.end; ++voxel)
      for (int o = 0; o < kOutputs; ++o)
        y[o * p.voxels + voxel] =
            (bias == nullptr ? 0.F : bias[o]) +
            forward_voxel(p, x + voxel * p.x.voxel_stride[2], weights + o * p.inputs());
  });
}

// One group of channels; weights and x from its first channel on.
template <int kLanes, int kOutputs>
LUCID_INLINE void spread(const Pointwise& p, const Block& block, const float* dy,
                         const float* weights, float* dx) {
  using V = Floats<kLanes>;
  V rows[kOutputs];
  for (int o = 0; o < kOutputs; ++o) load_lanes<kLanes>(weights + o * p.inputs(), rows[o]);
  for (std::int64_t voxel = block.begin; voxel < block.end; ++voxel) {
    __builtin_prefetch(dx + (voxel + kAhead) * p.x.voxel_stride[2], 1);
    V sum = dy[voxel] * rows[0];
    for (int o = 1; o < kOutputs; ++o) sum += dy[o * p.voxels + voxel] * rows[o];
    store_lanes<kLanes>(sum, dx + voxel * p.x.voxel_stride[2]);
  }
}

LUCID_CLONED(void, spread_block,
             (const Pointwise& p, const Block& block, const float* dy, const float* weights,
              float* dx),
             (p, block, dy, weights, dx)) {
  with_outputs(p.outputs, [&](auto outputs) LUCID_ALWAYS_INLINE {
    constexpr int kOutputs = decltype(outputs)::value;
    for (std::int64_t group = 0; group < p.x.groups; ++group) {
      float* to = dx + group * p.x.group_stride;
      if (p.x.lanes == 16)
        spread<16, kOutputs>(p, block, dy, weights + group * 16, to);
      else
        spread<8, kOutputs>(p, block, dy, weights + group * 8, to);
    }
  });
}

template <int kLanes, int kOutputs>
LUCID_INLINE void gather(const Pointwise& p, const Block& block, const float* x, const float* dy,
                         float* weights) {
  using V = Floats<kLanes>;
  V sums[kOutputs] = {};
  for (std::int64_t voxel = block.begin; voxel < block.end; ++voxel) {
    V value;
    load_lanes<kLanes>(x + voxel * p.x.voxel_stride[2], value);
    __builtin_prefetch(x + (voxel + kAhead) * p.x.voxel_stride[2]);
    for (int o = 0; o < kOutputs; ++o) sums[o] += dy[o * p.voxels + voxel] * value;
  }
  for (int o = 0; o < kOutputs; ++o) store_lanes<kLanes>(sums[o], weights + o * p.inputs());
}

// A function, as compilers write no vector code for the same loop in a lambda.
LUCID_INLINE float sum_of(const float* values, std::int64_t count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < count; ++i) sum += values[i];
  return sum;
}

// `sums`: of the weights, then of the bias.
LUCID_CLONED(void, gather_block,
             (const Pointwise& p, const Block& block, const float* x, const float* dy, float* sums),
             (p, block, x, dy, sums)) {
  with_outputs(p.outputs, [&](auto outputs) LUCID_ALWAYS_INLINE {
    constexpr int kOutputs = decltype(outputs)::value;
    for (std::int64_t group = 0; group < p.x.groups; ++group) {
      const float* from = x + group * p.x.group_stride;
      if (p.x.lanes == 16)
        gather<16, kOutputs>(p, block, from, dy, sums + group * 16);
      else
        gather<8, kOutputs>(p, block, from, dy, sums + group * 8);
    }
    for (int o = 0; o < kOutputs; ++o)
      sums[kOutputs * p.inputs() + o] =
          sum_of(dy + o * p.voxels + block.begin, block.end - block.begin);
  });
}

}  // namespace

std::int64_t Pointwise::partial_sums() const {
  return x.samples * blocks_of_sample(*this) * outputs * (inputs() + 1);
}

void pointwise_forward(const Pointwise& p, const float* x, const float* weights, const float* bias,
                       float* y) {
  for_blocks(p, [&](std::int64_t, const Block& block) {
    forward_block(p, block, x + block.sample * p.x.sample_stride, weights, bias,
                  y + block.sample * p.outputs * p.voxels);
  });
}

void pointwise_input_gradient(const Pointwise& p, const float* dy, const float* weights,
                              float* dx) {
  for_blocks(p, [&](std::int64_t, const Block& block) {
    spread_block(p, block, dy + block.sample * p.outputs * p.voxels, weights,
                 dx + block.sample * p.x.sample_stride);
  });
}

void pointwise_weight_gradient(const Pointwise& p, const float* x, const float* dy, float* partials,
                               float* weights, float* bias) {
  const std::int64_t sums = p.outputs * (p.inputs() + 1), count = p.outputs * p.inputs();
  for_blocks(p, [&](std::int64_t i, const Block& block) {
    gather_block(p, block, x + block.sample * p.x.sample_stride,
                 dy + block.sample * p.outputs * p.voxels, partials + i * sums);
  });
  parallel_for(bias == nullptr ? count : sums, [&](std::int64_t i) {
    double sum = 0;
    for (std::int64_t block = 0; block < p.x.samples * blocks_of_sample(p); ++block)
      sum += static_cast<double>(partials[block * sums + i]);
    (i < count ? weights[i] : bias[i - count]) = static_cast<float>(sum);
  });
}

}  // namespace lucid
