#pragma once

#include "kernels/winograd3d/geometry.h"

namespace lucid::winograd3d {

// The transformed weights of a convolution: (144 elements, chunk of outputs, input, output of the
// chunk), in chunks of two blocks of outputs; the last chunk may have one.
std::int64_t weight_floats(const Geometry& geometry);
// Transforms weights (blocks of outputs, blocks of inputs, 3, 3, 3, input lane, output lane).
void transform_filter(const Geometry& of, const float* weights, float* transformed);
// Transforms them for the convolution that computes the input gradient, which `of` describes:
// inputs and outputs change places, and the order of taps is reversed.
void transform_reversed_filter(const Geometry& of, const float* weights, float* transformed);
// Computes the gradient of the weights from that of the transformed filter, (144 elements, blocks
// of outputs, blocks of inputs, input lane, output lane).
void transform_filter_gradient(const Geometry& of, const float* transformed, float* weights);

}  // namespace lucid::winograd3d
