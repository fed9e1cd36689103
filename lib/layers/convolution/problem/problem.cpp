#include "layers/convolution/problem/problem.h"

#include <utility>

namespace lucid {
namespace {

using onednn::Dims;

Dims tensor_extents(std::int64_t samples, std::int64_t channels, const Triple& voxels) {
  return {samples, channels, voxels[0], voxels[1], voxels[2]};
}

// Turns around what is read and written; kernel, stride and padding stay those of the layer.
Problem reversed(const Problem& problem) {
  Problem other = problem;
  std::swap(other.input, other.output);
  std::swap(other.group_inputs, other.group_outputs);
  other.read = other.written = other.input_gradient = onednn::kFloat;
  other.has_bias = false;
  other.relu_slope.reset();
  other.origin = Origin::kAdjoint;
  return other;
}

}  // namespace

Dims Problem::x_extents() const { return tensor_extents(samples, inputs(), input); }
Dims Problem::y_extents() const { return tensor_extents(samples, outputs(), output); }

Dims Problem::weight_extents() const {
  Dims extents{group_outputs, group_inputs, kernel[0], kernel[1], kernel[2]};
  if (groups > 1) extents.insert(extents.begin(), groups);
  return extents;
}

onednn::Layout Problem::bias_layout() const {
  return has_bias ? onednn::plain_layout(Dims{outputs()}) : onednn::Layout();
}

Problem transposed(const Problem& convolution) {
  Problem other = reversed(convolution);
  other.is_transposed = true;
  return other;
}

Problem adjoint(const Problem& transposed) {
  Problem other = reversed(transposed);
  other.is_transposed = false;
  other.dilation = {1, 1, 1};
  return other;
}

Problem padded_in_depth(const Problem& convolution) {
  Problem padded = convolution;
  padded.input[0] += padded.pad_low[0] + padded.pad_high[0];
  padded.pad_low[0] = padded.pad_high[0] = 0;
  return padded;
}

}  // namespace lucid
