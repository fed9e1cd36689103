#pragma once

#include "layers/convolution/problem/problem.h"

// Convolutions that tests ask routes about: cubes, padded so that stride 1 keeps the size.
namespace lucid::test {

inline Problem conv_problem(std::int64_t inputs, std::int64_t outputs, std::int64_t kernel,
                            std::int64_t voxels, std::int64_t stride = 1, std::int64_t groups = 1) {
  const std::int64_t padding = kernel / 2, out = (voxels + 2 * padding - kernel) / stride + 1;
  return {.groups = groups,
          .group_inputs = inputs / groups,
          .group_outputs = outputs / groups,
          .input = {voxels, voxels, voxels},
          .output = {out, out, out},
          .kernel = {kernel, kernel, kernel},
          .stride = {stride, stride, stride},
          .pad_low = {padding, padding, padding},
          .pad_high = {padding, padding, padding},
          .has_bias = true,
          .is_training = true};
}

inline Problem up_problem(std::int64_t inputs, std::int64_t outputs, std::int64_t kernel,
                          std::int64_t voxels) {
  Problem p = conv_problem(inputs, outputs, kernel, voxels);
  p.stride = {2, 2, 2};
  p.pad_low = p.pad_high = {};
  const std::int64_t out = (voxels - 1) * 2 + kernel;
  p.output = {out, out, out};
  p.is_transposed = true;
  return p;
}

inline Problem dilated(Problem p) {
  p.dilation = {2, 2, 2};
  for (std::size_t i = 0; i < 3; ++i) p.output[i] -= p.kernel[i] - 1;
  return p;
}

inline Problem flat(Problem p) {
  p.kernel[0] = 1;
  p.pad_low[0] = p.pad_high[0] = 0;
  return p;
}

inline Problem of_samples(Problem p, std::int64_t samples) {
  p.samples = samples;
  return p;
}

inline Problem in_bfloat16(Problem p) {
  p.read = p.written = p.input_gradient = onednn::kBfloat16;
  return p;
}

}  // namespace lucid::test
