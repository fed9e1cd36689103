#pragma once

#include <string>

#include "layers/layer/layer.h"
#include "tensor/onednn.h"

namespace lucid {

// What oneDNN's descriptors of a convolution are made from.
struct Convolution {
  using Dims = onednn::Dims;

  Layout src, weights, bias, dst;            // all `any` but the bias, which is zero for none
  Dims stride, dilation, pad_low, pad_high;  // dilation counts from 0
};

struct WeightGradients {
  Value weight, bias;  // bias: empty for none
};

// Records the gradient of a convolution's weight, and of its bias where it has one. `x` is what the
// convolution read; `also_x` is the same in another order, or empty. There are five routes, and
// the layer's shape and the instruction set decide, the same on every run:
//  1. ours for few channels (layers/narrow) where it fills vectors that others do not, where rows
//     are long, or neither 2 nor 3 is possible;
//  2. Winograd's products where they pay (layers/winograd);
//  3. oneDNN's own kernel where it has one for this instruction set, and rows are short;
//  4. ours (kernels/conv_weight_gradient) where oneDNN multiplies copied columns, or rows are long;
//  5. oneDNN's on an input that is padded in depth, where groups do not fit our blocks: on AVX2
//     its kernel refuses such padding.
// What is no float goes to oneDNN's.
WeightGradients record_weight_gradient(PlanBuilder& b, const std::string& what,
                                       const Convolution& convolution,
                                       const dnnl::convolution_forward::primitive_desc& forward,
                                       Value x, Value also_x, Value dy);

}  // namespace lucid
