#include "kernels/bytes/convolution.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/bytes/naive_convolution.h"
#include "tensor/onednn.h"

namespace lucid::test {
namespace {

constexpr float kOfY = 0.75F;

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
                    .input = {3, 4, 17},
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
  constexpr float kSlopes[] = {0, 0.125F, 1};  // each for a third of the rows
  std::size_t next = 0;
  for (const Row& each : rows()) {
    const float slope = kSlopes[next++ % std::size(kSlopes)];
    SUBCASE(each.name.c_str()) {
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
