#pragma once

#include "layers/convolution/problem/problem.h"

// oneDNN's descriptors of a problem's three passes. They throw dnnl::error where oneDNN cannot
// compute the pass at all. A backward descriptor is made with the forward one of the same problem.
namespace lucid::onednn {

using ForwardDescriptor = dnnl::convolution_forward::primitive_desc;
using WeightGradientDescriptor = dnnl::convolution_backward_weights::primitive_desc;
using InputGradientDescriptor = dnnl::convolution_backward_data::primitive_desc;

ForwardDescriptor forward_descriptor(const dnnl::engine& engine, const Problem& problem);
// Describes it with x in exactly this layout.
ForwardDescriptor forward_descriptor(const dnnl::engine& engine, const Problem& problem,
                                     const Layout& x);
WeightGradientDescriptor weight_gradient_descriptor(const dnnl::engine& engine,
                                                    const Problem& problem);
InputGradientDescriptor input_gradient_descriptor(const dnnl::engine& engine,
                                                  const Problem& problem);

}  // namespace lucid::onednn
