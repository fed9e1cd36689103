#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/rng.h"
#include "kernels/simd/bfloat16.h"
#include "kernels/winograd3d/convolution.h"
#include "kernels/winograd3d/filter.h"
#include "kernels/winograd3d/gradient.h"
#include "support/kernel_check.h"

// Every set of kernels against the definition in double precision.
namespace lucid::winograd3d {
namespace {

// Of 32 channels, an output is off by 1.5e-6 of the outputs' deviation and a weight gradient by
// 1e-6 of the gradient's, root mean square; the bounds leave room for other channels and seeds.
constexpr double kMostOfOutput = 4e-6, kMostOfGradient = 3e-6;

Geometry geometry(const Kernels& kernels, std::int64_t samples, std::int64_t inputs,
                  std::int64_t outputs, const Triple& input, const Triple& padding,
                  const Triple& dilation = {1, 1, 1}) {
  Geometry g{.samples = samples, .used_inputs = inputs, .lanes = kernels.lanes, .input = input};
  g.inputs = (inputs + g.lanes - 1) / g.lanes * g.lanes;
  g.outputs = outputs;
  g.padding = padding;
  g.dilation = dilation;
  for (std::size_t i = 0; i < 3; ++i) g.output[i] = input[i] + 2 * padding[i] - 2 * dilation[i];
  return g;
}

// Blocked tensors as vectors, with random numbers in the channels that are used.
struct Tensors {
  std::vector<float> x, weight, dy;
};

Tensors drawn(const Geometry& g) {
  Rng rng(7, 0);
  Tensors t;
  t.x.resize(static_cast<std::size_t>(g.samples * g.inputs * g.input_voxels()));
  t.weight.resize(static_cast<std::size_t>(g.inputs * g.outputs * 27));
  t.dy.resize(static_cast<std::size_t>(g.samples * g.outputs * g.output_voxels()));
  for (std::size_t i = 0; i < t.x.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i), voxels = g.input_voxels() * g.lanes;
    const std::int64_t channel = at / voxels % g.input_blocks() * g.lanes + at % g.lanes;
    t.x[i] = channel < g.used_inputs ? rng.uniform(-1, 1) : 0.F;
  }
  for (float& value : t.weight) value = rng.uniform(-1, 1);
  for (float& value : t.dy) value = rng.uniform(-1, 1);
  return t;
}

// Calls body(x's index, y's index, weight's index) for every product of an output voxel.
template <class Body>
void for_products(const Geometry& g, std::int64_t sample, std::int64_t output, std::int64_t voxel,
                  const Body& body) {
  const std::int64_t d = voxel / g.output[2] / g.output[1], h = voxel / g.output[2] % g.output[1],
                     w = voxel % g.output[2];
  const std::int64_t y =
      ((sample * g.output_blocks() + output / g.lanes) * g.output_voxels() + voxel) * g.lanes +
      output % g.lanes;
  for (std::int64_t tap = 0; tap < 27; ++tap) {
    const std::int64_t from_d = d + tap / 9 * g.dilation[0] - g.padding[0],
                       from_h = h + tap / 3 % 3 * g.dilation[1] - g.padding[1],
                       from_w = w + tap % 3 * g.dilation[2] - g.padding[2];
    if (from_d < 0 || from_d >= g.input[0] || from_h < 0 || from_h >= g.input[1] || from_w < 0 ||
        from_w >= g.input[2])
      continue;
    const std::int64_t from = (from_d * g.input[1] + from_h) * g.input[2] + from_w;
    for (std::int64_t i = 0; i < g.used_inputs; ++i) {
      const std::int64_t block = i / g.lanes, lane = i % g.lanes;
      const std::int64_t x =
          ((sample * g.input_blocks() + block) * g.input_voxels() + from) * g.lanes + lane;
      const std::int64_t weight =
          (((output / g.lanes * g.input_blocks() + block) * 27 + tap) * g.lanes + lane) * g.lanes +
          output % g.lanes;
      body(static_cast<std::size_t>(x), static_cast<std::size_t>(y),
           static_cast<std::size_t>(weight));
    }
  }
}

template <class Body>
void for_all_products(const Geometry& g, const Body& body) {
  for (std::int64_t sample = 0; sample < g.samples; ++sample)
    for (std::int64_t output = 0; output < g.outputs; ++output)
      for (std::int64_t voxel = 0; voxel < g.output_voxels(); ++voxel)
        for_products(g, sample, output, voxel, body);
}

std::vector<float> workspace(std::int64_t floats) {
  return std::vector<float>(static_cast<std::size_t>(floats), 1e30F);  // nothing counts on zeros
}

std::vector<float> output_of(const Geometry& g, const Kernels& kernels, int threads,
                             const Tensors& t) {
  const Convolution convolution(g, kernels, threads);
  std::vector<float> y(t.dy.size()), transformed(static_cast<std::size_t>(weight_floats(g)));
  auto work = workspace(convolution.workspace_floats());
  transform_filter(g, t.weight.data(), transformed.data());
  convolution.run(t.x.data(), transformed.data(), {{}, y.data()}, work.data());
  return y;
}

std::vector<Geometry> geometries(const Kernels& kernels) {
  return {geometry(kernels, 1, 32, 32, {8, 12, 17}, {1, 1, 1}),
          geometry(kernels, 2, 16, 48, {5, 7, 9}, {0, 1, 2}),
          geometry(kernels, 3, 11, 16, {4, 3, 21}, {1, 0, 1}),
          geometry(kernels, 5, 8, 16, {10, 10, 10}, {0, 0, 0}),
          geometry(kernels, 1, 16, 32, {9, 17, 25}, {2, 3, 4}, {2, 3, 4}),
          geometry(kernels, 2, 16, 16, {7, 11, 13}, {1, 0, 8}, {3, 2, 5}),
          geometry(kernels, 1, 8, 16, {5, 6, 40}, {8, 8, 1}, {8, 8, 1})};
}

template <class Body>
void for_kernels(const Body& body) {
  for (const Kernels* kernels : {&kAvx2, &kAvx512})
    if (test::has_instructions_of(kernels->lanes))
      for (const Geometry& g : geometries(*kernels)) {
        CAPTURE(kernels->lanes);
        CAPTURE(g.inputs);
        CAPTURE(g.outputs);
        body(*kernels, g);
      }
}

}  // namespace

TEST_CASE("nested Winograd computes outputs as double precision does, with any threads") {
  for_kernels([](const Kernels& kernels, const Geometry& g) {
    const Tensors t = drawn(g);
    std::vector<double> expected(t.dy.size());
    for_all_products(g, [&](std::size_t x, std::size_t y, std::size_t weight) {
      expected[y] += static_cast<double>(t.x[x]) * static_cast<double>(t.weight[weight]);
    });
    const auto y = output_of(g, kernels, 2, t);
    CHECK(test::relative_error(expected, y) < kMostOfOutput);
    CHECK(output_of(g, kernels, 1, t) == y);
    CHECK(output_of(g, kernels, 3, t) == y);
  });
}

TEST_CASE("nested Winograd computes weight gradients as double precision does") {
  for_kernels([](const Kernels& kernels, const Geometry& g) {
    const Tensors t = drawn(g);
    std::vector<double> expected(t.weight.size());
    for_all_products(g, [&](std::size_t x, std::size_t y, std::size_t weight) {
      expected[weight] += static_cast<double>(t.x[x]) * static_cast<double>(t.dy[y]);
    });
    for (const int threads : {1, 2, 3}) {
      const WeightGradient gradient(g, kernels, threads);
      std::vector<float> dw(t.weight.size()), sums(static_cast<std::size_t>(g.outputs));
      auto work = workspace(gradient.workspace_floats());
      gradient.run(t.x.data(), t.dy.data(), dw.data(), sums.data(), work.data());
      CHECK(test::relative_error(expected, dw) < kMostOfGradient);
      double sum = 0, found = 0;
      for (const float value : t.dy) sum += static_cast<double>(value);
      for (const float value : sums) found += static_cast<double>(value);
      CHECK(found == doctest::Approx(sum).scale(10).epsilon(1e-5));
    }
  });
}

TEST_CASE("nested Winograd reads and writes bfloat16 and computes in float") {
  for_kernels([](const Kernels& kernels, Geometry g) {
    Tensors t = drawn(g);
    std::vector<Bfloat16> x(t.x.size()), y(t.dy.size());
    to_bfloat16s(static_cast<std::int64_t>(x.size()), t.x.data(), x.data());
    to_floats(static_cast<std::int64_t>(x.size()), x.data(), t.x.data());
    const auto expected = output_of(g, kernels, 2, t);
    g.input_type = g.output_type = Type::kBfloat16;
    const Convolution convolution(g, kernels, 2);
    std::vector<float> transformed(static_cast<std::size_t>(weight_floats(g)));
    auto work = workspace(convolution.workspace_floats());
    transform_filter(g, t.weight.data(), transformed.data());
    convolution.run(x.data(), transformed.data(), {{}, y.data()}, work.data());
    for (std::size_t i = 0; i < y.size(); ++i)
      REQUIRE(y[i].bits == from_float<Bfloat16>(expected[i]).bits);
  });
}

}  // namespace lucid::winograd3d
