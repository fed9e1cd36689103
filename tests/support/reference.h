#pragma once

#include <cstdint>
#include <vector>

#include "base/json.h"
#include "tensor/shape.h"

// Computes the layers by plain loops over plain tensors in double precision. Only Shape and Triple
// come from lib/, so that an error there cannot hide here.
namespace lucid::test {

struct Array {
  Array() = default;
  explicit Array(const Shape& extents) : shape(extents), values(extents.count()) {}
  Shape shape;
  std::vector<double> values;
};

// Describes the positions of a kernel: element k of output voxel o reads input voxel o * stride -
// low + k * dilation.
struct Window {
  Triple kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1}, low{}, output{};
};

// x (N, C, D, H, W), weight (out, C / groups, kD, kH, kW), bias (out) or empty.
Array conv(const Array& x, const Array& weight, const Array& bias, const Window& window);
Array conv_input_gradient(const Array& x, const Array& weight, const Array& dy,
                          const Window& window);
Array conv_weight_gradient(const Array& x, const Array& weight, const Array& dy,
                           const Window& window);

// The sum over all axes but the second: of a convolution's or a linear layer's bias.
Array bias_gradient(const Array& dy);

// `winners` says for every output which input it is: the first of equal maxima, or the last NaN.
Array max_pool(const Array& x, const Window& window, std::vector<std::size_t>& winners);
Array max_pool_gradient(const Array& dy, const Shape& input,
                        const std::vector<std::size_t>& winners);

// The sum over every window, each output over its divisor.
Array avg_pool(const Array& x, const Window& window, const std::vector<double>& divisors);
Array avg_pool_gradient(const Array& dy, const Shape& input, const Window& window,
                        const std::vector<double>& divisors);

// x (N, in), weight (out, in), bias (out) or empty.
Array linear(const Array& x, const Array& weight, const Array& bias);
Array linear_input_gradient(const Array& weight, const Array& dy);
Array linear_weight_gradient(const Array& x, const Array& dy);

Array relu(const Array& x);
Array relu_gradient(const Array& x, const Array& dy);

}  // namespace lucid::test
