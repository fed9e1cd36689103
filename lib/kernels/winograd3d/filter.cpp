#include "kernels/winograd3d/filter.h"

#include "kernels/convolution/winograd_transforms.h"
#include "kernels/simd/vector.h"
#include "kernels/winograd3d/kernels.h"
#include "tensor/parallel.h"

namespace lucid::winograd3d {
namespace {

constexpr int kTaps = 3, kAllTaps = 27;
constexpr int kLanes = 8;  // divides the lanes of a block, 8 or 16
using Value = Floats<kLanes>;

// Transforms three planes of taps, for the points 0, 1, -1 and infinity.
LUCID_INLINE void transform_depth(const Value (&w)[kTaps], Value (&t)[kInputPlanes]) {
  const Value even = 0.5F * (w[0] + w[2]), odd = 0.5F * w[1];
  t[0] = w[0];
  t[1] = even + odd;
  t[2] = even - odd;
  t[3] = w[2];
}

// Transforms the 3x3x3 taps of kLanes weights to 144 elements, `stride` apart.
LUCID_INLINE void transform_taps(const Value (&taps)[kAllTaps], float* to, std::int64_t stride) {
  Value planes[kInputPlanes][kTaps][kTaps];
  for (int i = 0; i < kTaps * kTaps; ++i) {
    const Value along[kTaps] = {taps[i], taps[9 + i], taps[18 + i]};
    Value transformed[kInputPlanes];
    transform_depth(along, transformed);
    for (int d = 0; d < kInputPlanes; ++d) planes[d][i / kTaps][i % kTaps] = transformed[d];
  }
  for (int d = 0; d < kInputPlanes; ++d) {
    Value rows[kTaps][kInputSide];
    for (int i = 0; i < kTaps; ++i) winograd::transform(planes[d][i], rows[i]);
    for (int j = 0; j < kInputSide; ++j) {
      const Value column[kTaps] = {rows[0][j], rows[1][j], rows[2][j]};
      Value transformed[kInputSide];
      winograd::transform(column, transformed);
      for (int i = 0; i < kInputSide; ++i)
        store_lanes<kLanes>(transformed[i],
                            to + ((i * kInputSide + j) * kInputPlanes + d) * stride);
    }
  }
}

// Where the weights of one block of outputs and one of inputs go.
struct Target {
  float* first;
  std::int64_t input, element;  // the distances of inputs and elements
};

LUCID_CLONED(void, transform_block, (const float* weights, std::int64_t lanes, const Target& to),
             (weights, lanes, to)) {
  for (std::int64_t input = 0; input < lanes; ++input)
    for (std::int64_t output = 0; output < lanes; output += kLanes) {
      Value taps[kAllTaps];
      for (int i = 0; i < kAllTaps; ++i)
        load_lanes<kLanes>(weights + (i * lanes + input) * lanes + output, taps[i]);
      transform_taps(taps, to.first + input * to.input + output, to.element);
    }
}

// Does the same with the lanes of inputs and outputs exchanged, and the taps in the other order.
LUCID_CLONED(void, transform_reversed_block,
             (const float* weights, std::int64_t lanes, const Target& to), (weights, lanes, to)) {
  for (std::int64_t input = 0; input < lanes; ++input)
    for (std::int64_t output = 0; output < lanes; output += kLanes) {
      Value taps[kAllTaps];
      for (int i = 0; i < kAllTaps; ++i) {
        const float* from = weights + ((kAllTaps - 1 - i) * lanes + output) * lanes + input;
        for (int lane = 0; lane < kLanes; ++lane) taps[i][lane] = from[lane * lanes];
      }
      transform_taps(taps, to.first + input * to.input + output, to.element);
    }
}

// Computes the gradients of three taps along depth from those of four transformed elements.
LUCID_INLINE void inverse_transform_depth(const Value (&t)[kInputPlanes], Value (&w)[kTaps]) {
  const Value even = 0.5F * (t[1] + t[2]);
  w[0] = t[0] + even;
  w[1] = 0.5F * (t[1] - t[2]);
  w[2] = even + t[3];
}

// Computes the gradients of three rows of three taps from 6x6 transformed elements.
LUCID_INLINE void inverse_transform_plane(const Value (&t)[kInputSide][kInputSide],
                                          Value (&w)[kTaps * kTaps]) {
  Value rows[kTaps][kInputSide];
  for (int j = 0; j < kInputSide; ++j) {
    Value column[kInputSide], sums[kTaps];
    for (int i = 0; i < kInputSide; ++i) column[i] = t[i][j];
    winograd::GradientPoints::inverse_transform(column, sums);
    for (int i = 0; i < kTaps; ++i) rows[i][j] = sums[i];
  }
  for (int i = 0; i < kTaps; ++i) {
    Value taps[kTaps];
    winograd::GradientPoints::inverse_transform(rows[i], taps);
    for (int j = 0; j < kTaps; ++j) w[i * kTaps + j] = taps[j];
  }
}

LUCID_CLONED(void, inverse_transform_block,
             (const float* from, std::int64_t element, std::int64_t block, float* weights),
             (from, element, block, weights)) {
  for (std::int64_t at = 0; at < block; at += kLanes) {
    Value planes[kInputPlanes][kTaps * kTaps];
    for (int d = 0; d < kInputPlanes; ++d) {
      Value elements[kInputSide][kInputSide];
      for (int i = 0; i < kPlaneElements; ++i)
        load_lanes<kLanes>(from + (i * kInputPlanes + d) * element + at,
                           elements[i / kInputSide][i % kInputSide]);
      inverse_transform_plane(elements, planes[d]);
    }
    for (int i = 0; i < kTaps * kTaps; ++i) {
      const Value along[kInputPlanes] = {planes[0][i], planes[1][i], planes[2][i], planes[3][i]};
      Value taps[kTaps];
      inverse_transform_depth(along, taps);
      for (int d = 0; d < kTaps; ++d)
        store_lanes<kLanes>(taps[d], weights + (d * kTaps * kTaps + i) * block + at);
    }
  }
}

Target target(const Geometry& g, std::int64_t output_block, std::int64_t input_block, float* to) {
  constexpr std::int64_t kBlocks = 2;  // of a chunk
  const std::int64_t first = output_block / kBlocks * kBlocks;
  const std::int64_t blocks = first + 1 < g.output_blocks() ? kBlocks : 1;
  return {to + first * g.lanes * g.inputs + input_block * g.lanes * blocks * g.lanes +
              (output_block - first) * g.lanes,
          blocks * g.lanes, g.weight_element()};
}

}  // namespace

std::int64_t weight_floats(const Geometry& g) { return kElements * g.weight_element(); }

void transform_filter(const Geometry& of, const float* weights, float* transformed) {
  const std::int64_t inputs = of.input_blocks();
  parallel_for(of.output_blocks() * inputs, [&](std::int64_t i) {
    transform_block(weights + i * kAllTaps * of.lanes * of.lanes, of.lanes,
                    target(of, i / inputs, i % inputs, transformed));
  });
}

void transform_reversed_filter(const Geometry& of, const float* weights, float* transformed) {
  const std::int64_t inputs = of.input_blocks(), outputs = of.output_blocks();
  parallel_for(outputs * inputs, [&](std::int64_t i) {
    const std::int64_t from = i % inputs * outputs + i / inputs;
    transform_reversed_block(weights + from * kAllTaps * of.lanes * of.lanes, of.lanes,
                             target(of, i / inputs, i % inputs, transformed));
  });
}

void transform_filter_gradient(const Geometry& of, const float* transformed, float* weights) {
  const std::int64_t block = of.lanes * of.lanes;
  parallel_for(of.output_blocks() * of.input_blocks(), [&](std::int64_t i) {
    inverse_transform_block(transformed + i * block, of.weight_element(), block,
                            weights + i * kAllTaps * block);
  });
}

}  // namespace lucid::winograd3d
