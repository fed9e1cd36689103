#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "kernels/simd/bfloat16.h"
#include "kernels/small_volume/convolution.h"
#include "kernels/small_volume/gradient.h"
#include "kernels/small_volume/reference.h"
#include "support/kernel_check.h"

// Every set of kernels against the definition in double precision.
namespace lucid::small_volume {
namespace {

// Sums of up to 1,300 products in float, root mean square.
constexpr double kMostError = 1e-6;

struct Row {
  std::int64_t samples, inputs, outputs;
  Triple input, kernel, stride, padding;
};

const std::vector<Row> kRows = {{32, 48, 32, {2, 2, 2}, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}},
                                {7, 19, 45, {4, 3, 5}, {3, 3, 3}, {2, 2, 2}, {1, 1, 1}},
                                {5, 16, 16, {1, 1, 1}, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}},
                                {1, 8, 40, {3, 4, 2}, {2, 5, 3}, {1, 3, 2}, {0, 4, 2}},
                                {67, 16, 33, {2, 1, 3}, {3, 1, 2}, {1, 2, 1}, {2, 0, 0}},
                                {9, 24, 16, {5, 7, 6}, {1, 3, 3}, {3, 1, 2}, {0, 3, 1}},
                                {21, 16, 16, {6, 14, 15}, {3, 3, 3}, {2, 2, 2}, {1, 1, 1}},
                                // taps that meet no voxel, and outputs that meet none
                                {3, 16, 24, {1, 2, 1}, {5, 5, 5}, {1, 1, 1}, {2, 2, 2}},
                                {4, 16, 16, {2, 2, 2}, {2, 2, 2}, {1, 1, 1}, {3, 3, 3}}};

Geometry geometry_of(const Row& row, const Kernels& kernels) {
  Geometry g{.samples = row.samples,
             .lanes = kernels.lanes,
             .x = {row.inputs, row.input},
             .y = {row.outputs, {}},
             .kernel = row.kernel,
             .stride = row.stride,
             .padding = row.padding};
  for (std::size_t i = 0; i < 3; ++i)
    g.y.volume[i] = (row.input[i] + 2 * row.padding[i] - row.kernel[i]) / row.stride[i] + 1;
  return g;
}

template <class Body>
void for_all(const Body& body) {
  for (const Kernels* kernels : {&kAvx2, &kAvx512})
    if (test::has_instructions_of(kernels->lanes))
      for (const Row& row : kRows) {
        CAPTURE(kernels->lanes);
        CAPTURE(row.samples);
        CAPTURE(row.input[2]);
        body(*kernels, geometry_of(row, *kernels));
      }
}

std::vector<float> workspace(std::int64_t count) {
  return std::vector<float>(static_cast<std::size_t>(count), NAN);  // nothing counts on zeros
}

template <class Element>
std::vector<Element> result_of(const Geometry& g, const Kernels& kernels, Direction direction,
                               int threads, const std::vector<Element>& from, const Tensors& t,
                               const Epilogue& epilogue) {
  const Convolution convolution(g, kernels, threads, direction);
  const bool is_back = direction == Direction::kInputGradient;
  std::vector<Element> to(static_cast<std::size_t>(floats(g, is_back ? g.x : g.y)));
  auto work = workspace(convolution.workspace_floats());
  convolution.run(from.data(), t.weight.data(), epilogue, to.data(), work.data());
  return to;
}

}  // namespace

TEST_CASE("convolutions of small volumes are as in double precision, with any threads") {
  constexpr float kSlope = 0.25F;
  for_all([](const Kernels& kernels, const Geometry& g) {
    const Tensors t = drawn(g);
    std::vector<double> expected(t.y.size());
    for_products(g, [&](std::size_t x, std::size_t y, std::size_t weight) {
      expected[y] += static_cast<double>(t.x[x]) * static_cast<double>(t.weight[weight]);
    });
    const auto of_threads = [&](int threads, const Epilogue& epilogue) {
      return result_of(g, kernels, Direction::kOutput, threads, t.x, t, epilogue);
    };
    const auto y = of_threads(2, {});
    CHECK(test::relative_error(expected, y) < kMostError);
    CHECK(of_threads(1, {}) == y);
    CHECK(of_threads(5, {}) == y);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i), of_block = g.y.voxels() * g.lanes;
      const std::int64_t block = at / of_block % g.y.blocks(g.lanes);
      expected[i] +=
          static_cast<double>(t.bias[static_cast<std::size_t>(block * g.lanes + at % g.lanes)]);
      if (expected[i] < 0) expected[i] *= static_cast<double>(kSlope);
    }
    CHECK(test::relative_error(expected, of_threads(3, {t.bias.data(), kSlope})) < kMostError);
  });
}

TEST_CASE("input gradients of small volumes are as in double precision, with any threads") {
  for_all([](const Kernels& kernels, const Geometry& g) {
    const Tensors t = drawn(g);
    std::vector<double> expected(t.x.size());
    for_products(g, [&](std::size_t x, std::size_t y, std::size_t weight) {
      expected[x] += static_cast<double>(t.y[y]) * static_cast<double>(t.weight[weight]);
    });
    const auto of_threads = [&](int threads) {
      return result_of(g, kernels, Direction::kInputGradient, threads, t.y, t, {});
    };
    const auto dx = of_threads(2);
    CHECK(test::relative_error(expected, dx) < kMostError);
    CHECK(of_threads(1) == dx);
    CHECK(of_threads(7) == dx);
  });
}

TEST_CASE("weight gradients of small volumes are as in double precision, with any threads") {
  for_all([](const Kernels& kernels, const Geometry& g) {
    const Tensors t = drawn(g);
    std::vector<double> expected(t.weight.size()), of_bias(t.bias.size());
    for_products(g, [&](std::size_t x, std::size_t y, std::size_t weight) {
      expected[weight] += static_cast<double>(t.x[x]) * static_cast<double>(t.y[y]);
    });
    for (std::int64_t sample = 0; sample < g.samples; ++sample)
      for (std::int64_t output = 0; output < g.y.channels; ++output)
        for (std::int64_t voxel = 0; voxel < g.y.voxels(); ++voxel)
          of_bias[static_cast<std::size_t>(output)] += static_cast<double>(
              t.y[static_cast<std::size_t>(index(g, g.y, sample, output, voxel))]);
    std::vector<float> first;
    for (const int threads : {1, 2, 5}) {
      const WeightGradient gradient(g, kernels, threads);
      std::vector<float> dw(t.weight.size(), NAN), sums(t.bias.size(), NAN);
      auto work = workspace(gradient.workspace_floats());
      gradient.run(t.x.data(), t.y.data(), dw.data(), sums.data(), work.data());
      CHECK(test::relative_error(expected, dw) < kMostError);
      CHECK(test::relative_error(of_bias, sums) < kMostError);
      if (threads == 1) first = dw;
      CHECK(dw == first);
      gradient.run(t.x.data(), t.y.data(), dw.data(), nullptr, work.data());
      CHECK(dw == first);
    }
  });
}

TEST_CASE("kernels of small volumes read and write bfloat16 and compute in float") {
  for_all([](const Kernels& kernels, const Geometry& g) {
    Tensors t = drawn(g);
    for (const Direction direction : {Direction::kOutput, Direction::kInputGradient}) {
      std::vector<float>& from = direction == Direction::kOutput ? t.x : t.y;
      std::vector<Bfloat16> halves(from.size());
      to_bfloat16s(static_cast<std::int64_t>(from.size()), from.data(), halves.data());
      to_floats(static_cast<std::int64_t>(from.size()), halves.data(), from.data());
      const auto expected = result_of(g, kernels, direction, 2, from, t, {});
      Geometry of_halves = g;
      of_halves.x.type = of_halves.y.type = Type::kBfloat16;
      const auto found = result_of(of_halves, kernels, direction, 2, halves, t, {});
      for (std::size_t i = 0; i < found.size(); ++i)
        REQUIRE(found[i].bits == from_float<Bfloat16>(expected[i]).bits);
    }
  });
}

}  // namespace lucid::small_volume
