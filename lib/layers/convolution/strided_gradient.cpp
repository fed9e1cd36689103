#include "layers/convolution/strided_gradient.h"

#include "layers/weighted/weighted.h"

namespace lucid {
namespace {

using onednn::Dims;

// Its input is the convolution's output.
PhaseConvolution transpose_of(const Convolution& c) {
  const Dims weights = onednn::extents(c.weights);
  const std::size_t axis = weights.size() - 3;  // of the kernel's depth
  const auto triple = [](const Dims& dims, std::size_t first) {
    return Triple{dims[first], dims[first + 1], dims[first + 2]};
  };
  const Triple kernel = triple(weights, axis);
  const auto phases = [&](std::size_t i) {
    return AxisPhases(kernel[i], c.stride[i], c.dilation[i] + 1);
  };
  return {.packing = {.axes = {phases(0), phases(1), phases(2)},
                      .kernel = kernel,
                      .groups = axis == 3 ? weights[0] : 1,
                      .group_inputs = weights[axis - 2],
                      .group_outputs = weights[axis - 1],
                      .padded_outputs = weights[axis - 1]},
          .stride = triple(c.stride, 0),
          .padding = triple(c.pad_low, 0),
          .dilation = {c.dilation[0] + 1, c.dilation[1] + 1, c.dilation[2] + 1},
          .input = Shape(onednn::extents(c.dst)),
          .output = Shape(onednn::extents(c.src))};
}

}  // namespace

std::optional<PhaseProducts> phases_of_input_gradient(
    PlanBuilder& b, const Convolution& c,
    const dnnl::convolution_backward_data::primitive_desc& library) {
  if (!multiplies_columns(library) && !is_reference(library)) return std::nullopt;
  if (c.stride == Dims{1, 1, 1} || onednn::data_type(c.src) != onednn::kFloat) return std::nullopt;
  const PhaseConvolution of = transpose_of(c);
  if (const auto apart = PhaseProducts::apart(b, of)) return apart;
  const PhaseProducts together = PhaseProducts::together(b, of, {});
  if (!together.is_direct()) return std::nullopt;
  return together;
}

}  // namespace lucid
