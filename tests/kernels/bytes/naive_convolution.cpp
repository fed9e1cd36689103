#include "kernels/bytes/naive_convolution.h"

#include <algorithm>
#include <cmath>

#include "base/rng.h"

namespace lucid::test {

Numbers::Numbers(const Convolution& c) {
  Rng rng(3, "bytes");
  x.resize(static_cast<std::size_t>(c.samples * c.input_blocks() * volume(c.input) * c.lanes));
  for (std::uint8_t& byte : x) byte = static_cast<std::uint8_t>(rng.below(256));
  weight.resize(static_cast<std::size_t>(c.inputs * c.outputs * c.taps()));
  for (float& value : weight) value = static_cast<float>(rng.normal());
  bias.resize(static_cast<std::size_t>(c.outputs));
  for (float& value : bias) value = static_cast<float>(rng.normal());
}

float Numbers::of(const Convolution& c, std::int64_t output, std::int64_t input,
                  std::int64_t tap) const {
  const std::int64_t pair =
      c.is_transposed ? input * c.outputs + output : output * c.inputs + input;
  return weight[static_cast<std::size_t>(pair * c.taps() + tap)];
}

float Numbers::scale(const Convolution& c, std::int64_t output, std::int64_t tap) const {
  float largest = 0;
  for (std::int64_t input = 0; input < c.inputs; ++input)
    for (std::int64_t each = 0; each < c.taps(); ++each)
      if (!c.is_transposed || each == tap)
        largest = std::max(largest, std::abs(of(c, output, input, each)));
  return largest / 127;
}

namespace {

// The voxel of x that meets a tap at a voxel of y; none where is_inside() is false.
Triple voxel_of_x(const Convolution& c, const Triple& y, const Triple& tap) {
  Triple x{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    x[axis] = c.is_transposed
                  ? y[axis] / c.stride[axis]
                  : y[axis] * c.stride[axis] - c.pad_low[axis] + tap[axis] * c.dilation[axis];
  return x;
}

bool is_inside(const Triple& voxel, const Triple& extents) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (voxel[axis] < 0 || voxel[axis] >= extents[axis]) return false;
  return true;
}

}  // namespace

float expected(const Convolution& c, const Numbers& numbers, const Place& to, const Finish& f) {
  std::int32_t sum = 0;
  float scale = 1;
  for (std::int64_t tap = 0; tap < c.taps(); ++tap) {
    const Triple at_tap{tap / (c.kernel[1] * c.kernel[2]), tap / c.kernel[2] % c.kernel[1],
                        tap % c.kernel[2]};
    const Triple x = voxel_of_x(c, to.voxel, at_tap);
    bool meets = is_inside(x, c.input);
    for (std::size_t axis = 0; axis < 3 && c.is_transposed; ++axis)
      meets = meets && to.voxel[axis] % c.stride[axis] == at_tap[axis];
    if (meets || tap == 0) scale = numbers.scale(c, to.output, tap);
    if (!meets) continue;
    const std::int64_t voxel = (x[0] * c.input[1] + x[1]) * c.input[2] + x[2];
    for (std::int64_t input = 0; input < c.inputs; ++input) {
      const std::int32_t byte =
          at(numbers.x, c.input, c.input_blocks(), c.lanes, to.sample, input, voxel);
      const auto weight =
          static_cast<std::int32_t>(std::nearbyint(numbers.of(c, to.output, input, tap) / scale));
      sum += (byte - kOfX.zero) * weight;
    }
  }
  const float bias = numbers.bias[static_cast<std::size_t>(to.output)] / f.scale;
  const float factor = scale * kOfX.scale / f.scale;
  if (f.slope == 0 || f.slope == 1) {  // the zero is added with the bias
    const float y = std::fma(static_cast<float>(sum), factor, bias + f.zero);
    return f.slope == 0 ? std::max(y, f.zero) : y;
  }
  const float y = std::fma(static_cast<float>(sum), factor, bias);
  return (y < 0 ? y * f.slope : y) + f.zero;
}

}  // namespace lucid::test
