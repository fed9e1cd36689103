#include "kernels/bytes/convolution.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/rng.h"
#include "tensor/onednn.h"

namespace lucid::test {
namespace {

using bytes::Convolution;

struct Row {
  std::string name;
  Convolution c;
};

Triple output_of(const Convolution& c, const Triple& pad_high) {
  Triple output{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    output[axis] = c.is_transposed ? c.input[axis] * c.kernel[axis]
                                   : (c.input[axis] + c.pad_low[axis] + pad_high[axis] -
                                      c.dilation[axis] * (c.kernel[axis] - 1) - 1) /
                                             c.stride[axis] +
                                         1;
  return output;
}

Row row(const std::string& name, Convolution c, const Triple& pad_high) {
  if (c.inputs < 16) c.lanes = c.inputs;
  c.output = output_of(c, pad_high);
  return {name, c};
}

std::vector<Row> rows() {
  const Triple one{1, 1, 1};
  Convolution dense{.samples = 2,
                    .inputs = 40,
                    .outputs = 53,
                    .input = {4, 5, 17},
                    .kernel = {3, 3, 3},
                    .pad_low = one};
  Convolution first = dense, strided = dense, dilated = dense, pointwise = dense, valid = dense;
  first.inputs = 1;
  Convolution of_three = first;
  of_three.inputs = 3;
  strided.stride = {2, 1, 2};
  dilated.dilation = {1, 2, 3};
  dilated.pad_low = {1, 2, 3};
  pointwise.kernel = one;
  pointwise.pad_low = {};
  valid.kernel = {2, 3, 5};
  valid.pad_low = {};
  Convolution transposed = pointwise;
  transposed.kernel = transposed.stride = {2, 1, 2};
  transposed.is_transposed = true;
  Convolution linear = pointwise;
  linear.samples = 17;
  linear.input = linear.kernel = {2, 1, 3};
  linear.has_plain_output = true;
  return {row("dense", dense, one),
          row("of one channel", first, one),
          row("of three channels", of_three, {1, 1, 0}),
          row("strided", strided, one),
          row("dilated", dilated, {1, 2, 3}),
          row("pointwise", pointwise, {}),
          row("without padding", valid, {}),
          row("transposed", transposed, {}),
          row("linear", linear, {})};
}

std::int64_t volume(const Triple& extents) { return extents[0] * extents[1] * extents[2]; }

// Numbers in the places of a layout of blocks.
template <class Number>
Number at(const std::vector<Number>& values, const Triple& extents, std::int64_t blocks,
          std::int64_t lanes, std::int64_t sample, std::int64_t channel, std::int64_t voxel) {
  const std::int64_t block = sample * blocks + channel / lanes;
  return values[static_cast<std::size_t>((block * volume(extents) + voxel) * lanes +
                                         channel % lanes)];
}

constexpr ByteScale kOfX{0.05F, 7};
constexpr float kOfY = 0.75F;

struct Numbers {
  std::vector<std::uint8_t> x;
  std::vector<float> weight, bias;

  explicit Numbers(const Convolution& c) {
    Rng rng(3, "bytes");
    x.resize(static_cast<std::size_t>(c.samples * c.input_blocks() * volume(c.input) * c.lanes));
    for (std::uint8_t& byte : x) byte = static_cast<std::uint8_t>(rng.below(256));
    weight.resize(static_cast<std::size_t>(c.inputs * c.outputs * c.taps()));
    for (float& value : weight) value = static_cast<float>(rng.normal());
    bias.resize(static_cast<std::size_t>(c.outputs));
    for (float& value : bias) value = static_cast<float>(rng.normal());
  }

  float of(const Convolution& c, std::int64_t output, std::int64_t input, std::int64_t tap) const {
    const std::int64_t pair =
        c.is_transposed ? input * c.outputs + output : output * c.inputs + input;
    return weight[static_cast<std::size_t>(pair * c.taps() + tap)];
  }
  // The weight's scale is that of all weights with which the same output of the same phase is made.
  float scale(const Convolution& c, std::int64_t output, std::int64_t tap) const {
    float largest = 0;
    for (std::int64_t input = 0; input < c.inputs; ++input)
      for (std::int64_t each = 0; each < c.taps(); ++each)
        if (!c.is_transposed || each == tap)
          largest = std::max(largest, std::abs(of(c, output, input, each)));
    return largest / 127;
  }
};

// What becomes of a sum.
struct Finish {
  float scale = 1, slope = 1, zero = 0;
};

struct Place {
  std::int64_t sample, output;
  Triple voxel;
};

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

// One output by its definition: an integer sum, then one product and one sum of floats.
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

template <class Check>
void for_each_output(const Convolution& c, const Check& check) {
  for (std::int64_t sample = 0; sample < c.samples; ++sample)
    for (std::int64_t output = 0; output < c.outputs; ++output)
      for (std::int64_t voxel = 0; voxel < volume(c.output); ++voxel)
        check(Place{sample,
                    output,
                    {voxel / (c.output[1] * c.output[2]), voxel / c.output[2] % c.output[1],
                     voxel % c.output[2]}},
              voxel);
}

struct Packed {
  std::vector<std::uint8_t> weights;
  std::vector<float> bias;

  Packed(const Convolution& c, const Numbers& numbers, float y_scale)
      : weights(static_cast<std::size_t>(bytes::PackedWeights(c).bytes())),
        bias(static_cast<std::size_t>(c.output_blocks() * 16)) {
    bytes::pack_weights(c, numbers.weight, kOfX, y_scale, weights.data());
    bytes::pack_bias(c, numbers.bias, y_scale, bias.data());
  }
};

std::size_t stored(const Convolution& c) {
  return static_cast<std::size_t>(
      c.samples * (c.has_plain_output ? c.outputs : c.output_blocks() * 16 * volume(c.output)));
}

std::int64_t y_lanes(const Convolution& c) { return c.has_plain_output ? c.outputs : 16; }
std::int64_t y_blocks(const Convolution& c) { return c.has_plain_output ? 1 : c.output_blocks(); }

std::vector<float> floats_of(const Convolution& c, const Numbers& numbers, float slope,
                             int threads) {
  const Packed packed(c, numbers, 1);
  std::vector<std::uint8_t> scratch(static_cast<std::size_t>(bytes::scratch_bytes(c, threads)));
  std::vector<float> y(stored(c), -1.F);
  bytes::convolve(c,
                  {.x = numbers.x.data(),
                   .x_scale = kOfX,
                   .weights = packed.weights.data(),
                   .bias = packed.bias.data(),
                   .slope = slope,
                   .y_floats = y.data()},
                  threads, scratch.data());
  return y;
}

std::vector<std::uint8_t> bytes_of(const Convolution& c, const Numbers& numbers, const Finish& f) {
  const Packed packed(c, numbers, f.scale);
  std::vector<std::uint8_t> scratch(static_cast<std::size_t>(bytes::scratch_bytes(c, 1)));
  std::vector<std::uint8_t> y(stored(c));
  bytes::convolve(c,
                  {.x = numbers.x.data(),
                   .x_scale = kOfX,
                   .weights = packed.weights.data(),
                   .bias = packed.bias.data(),
                   .slope = f.slope,
                   .y_bytes = y.data(),
                   .y_zero = static_cast<std::int32_t>(f.zero)},
                  1, scratch.data());
  return y;
}

bool is_possible() {
  if (onednn::has_vnni()) return true;
  MESSAGE("skipped: this processor has no AVX512_VNNI");
  return false;
}

}  // namespace

TEST_CASE("convolutions of bytes have the exact sums") {
  if (!is_possible()) return;
  for (const Row& each : rows()) {
    SUBCASE(each.name.c_str()) {
      constexpr float kSlope = 0.125F;
      const Numbers numbers(each.c);
      const std::vector<float> y = floats_of(each.c, numbers, kSlope, 2);
      std::int64_t wrong = 0;
      for_each_output(each.c, [&](const Place& to, std::int64_t voxel) {
        wrong +=
            expected(each.c, numbers, to, {1, kSlope, 0}) !=
            at(y, each.c.output, y_blocks(each.c), y_lanes(each.c), to.sample, to.output, voxel);
      });
      CHECK(wrong == 0);
      CHECK(floats_of(each.c, numbers, kSlope, 5) == y);
    }
  }
}

TEST_CASE("convolutions of bytes round to the nearest byte and stop at the ends") {
  if (!is_possible()) return;
  for (const Row& each : rows())
    for (const float slope : {0.F, 0.125F, 1.F}) {
      SUBCASE((each.name + ", slope " + std::to_string(slope)).c_str()) {
        const Numbers numbers(each.c);
        const Finish finish{kOfY, slope, 30};
        const std::vector<std::uint8_t> y = bytes_of(each.c, numbers, finish);
        std::int64_t wrong = 0, high = 0;
        for_each_output(each.c, [&](const Place& to, std::int64_t voxel) {
          const float exact = expected(each.c, numbers, to, finish);
          const float byte = std::nearbyint(std::clamp(exact, 0.F, 255.F));
          wrong +=
              static_cast<std::uint8_t>(byte) !=
              at(y, each.c.output, y_blocks(each.c), y_lanes(each.c), to.sample, to.output, voxel);
          high += byte == 255;
        });
        CHECK(wrong == 0);
        if (each.c.products() > 100) CHECK(high > 0);
      }
    }
}

}  // namespace lucid::test
