#include "kernels/depthwise/depthwise.h"

#include <doctest/doctest.h>

#include <vector>

#include "base/rng.h"
#include "support/approx.h"

namespace lucid::test {
namespace {

constexpr double kRelative = 1e-5, kAbsolute = 1e-5;  // of sums of up to 147 products of size 1

struct Tensors {
  std::vector<float> x, weights, bias;
};

std::vector<float> random_numbers(std::int64_t count, Rng& rng) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = rng.uniform(-1, 1);
  return values;
}

std::int64_t voxels(const Triple& extents) { return extents[0] * extents[1] * extents[2]; }

// Calls body with the input's voxel for each tap that an output's voxel has inside.
template <class Body>
void for_taps(const DepthwiseGeometry& g, const Triple& output, const Body& body) {
  for (std::int64_t tap = 0; tap < g.taps(); ++tap) {
    const Triple taps{tap / (g.kernel[1] * g.kernel[2]), tap / g.kernel[2] % g.kernel[1],
                      tap % g.kernel[2]};
    std::int64_t at = 0;
    bool is_inside = true;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::int64_t place = output[i] * g.stride[i] - g.padding[i] + taps[i] * g.dilation[i];
      is_inside = is_inside && place >= 0 && place < g.input[i];
      at = at * g.input[i] + place;
    }
    if (is_inside) body(tap, at);
  }
}

// Calls body(volume, output voxel, tap, input voxel) for all products.
template <class Body>
void for_products(const DepthwiseGeometry& g, const Body& body) {
  const std::int64_t count = voxels(g.output);
  for (std::int64_t i = 0; i < g.samples * g.blocks * count; ++i) {
    const std::int64_t at = i % count;
    const Triple output{at / (g.output[1] * g.output[2]), at / g.output[2] % g.output[1],
                        at % g.output[2]};
    for_taps(g, output,
             [&](std::int64_t tap, std::int64_t from) { body(i / count, at, tap, from); });
  }
}

struct Sums {
  std::vector<double> y, dx;
};

// The sums of all products, before an activation; dy is what y is for the gradient.
Sums expected(const DepthwiseGeometry& g, const Tensors& t, const std::vector<float>& dy) {
  Sums sums{std::vector<double>(dy.size()), std::vector<double>(t.x.size())};
  const std::int64_t in = voxels(g.input), out = voxels(g.output);
  for (std::size_t i = 0; i < dy.size(); ++i) {
    const auto channel = static_cast<std::int64_t>(i) / g.lanes / out % g.blocks * g.lanes +
                         static_cast<std::int64_t>(i) % g.lanes;
    sums.y[i] = t.bias[static_cast<std::size_t>(channel)];
  }
  for_products(g, [&](std::int64_t volume, std::int64_t to, std::int64_t tap, std::int64_t from) {
    for (std::int64_t lane = 0; lane < g.lanes; ++lane) {
      const auto x = static_cast<std::size_t>((volume * in + from) * g.lanes + lane);
      const auto y = static_cast<std::size_t>((volume * out + to) * g.lanes + lane);
      const double weight = t.weights[static_cast<std::size_t>(tap * g.channels() +
                                                               volume % g.blocks * g.lanes + lane)];
      sums.y[y] += weight * double{t.x[x]};
      sums.dx[x] += weight * double{dy[y]};
    }
  });
  return sums;
}

void check(const DepthwiseGeometry& g) {
  CAPTURE(g.lanes);
  CAPTURE(g.kernel[2]);
  CAPTURE(g.stride[2]);
  CAPTURE(g.dilation[2]);
  CAPTURE(g.padding[2]);
  CAPTURE(g.input[2]);
  Rng rng(7, 0);
  const Tensors t{random_numbers(g.samples * g.channels() * voxels(g.input), rng),
                  random_numbers(g.taps() * g.channels(), rng), random_numbers(g.channels(), rng)};
  const std::vector<float> dy = random_numbers(g.samples * g.channels() * voxels(g.output), rng);
  const Sums sums = expected(g, t, dy);
  const float slope = 0.25F;
  std::vector<double> activated = sums.y;
  for (double& value : activated) value = value > 0 ? value : double{slope} * value;
  std::vector<float> y(dy.size()), dx(t.x.size()), workspace(t.weights.size());
  depthwise_forward(g, t.x.data(), t.weights.data(), t.bias.data(), slope, y.data());
  CHECK(y == approx(activated).within(kRelative, kAbsolute));
  depthwise_input_gradient(g, dy.data(), t.weights.data(), dx.data(), workspace.data());
  CHECK(dx == approx(sums.dx).within(kRelative, kAbsolute));
}

// Two blocks of two samples; `padding` is along w.
DepthwiseGeometry geometry(std::int64_t lanes, std::int64_t taps, std::int64_t stride,
                           std::int64_t dilation, std::int64_t padding, std::int64_t width) {
  DepthwiseGeometry g;
  g.samples = 2;
  g.blocks = 2;
  g.lanes = lanes;
  g.input = {5, 6, width};
  g.kernel = {3, 2, taps};
  g.stride = {1, stride, stride};
  g.dilation = {1, 2, dilation};
  g.padding = {2, 1, padding};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t extent = (g.kernel[i] - 1) * g.dilation[i] + 1;
    g.output[i] = (g.input[i] + 2 * g.padding[i] - extent) / g.stride[i] + 1;
  }
  return g;
}

}  // namespace

TEST_CASE("depthwise convolutions of every known row, at every edge, equal sums in double") {
  for (const std::int64_t lanes : {8, 16})
    for (const std::int64_t taps : {3, 5, 7})
      for (const std::int64_t stride : {1, 2})
        for (const std::int64_t padding : {std::int64_t{0}, taps / 2, taps - 1})
          for (const std::int64_t width : {7, 8, 13, 16, 21, 32})
            check(geometry(lanes, taps, stride, 1, padding, width));
}

TEST_CASE("depthwise convolutions of other kernels, strides and dilations equal sums in double") {
  for (const std::int64_t lanes : {8, 16}) {
    check(geometry(lanes, 4, 1, 1, 2, 21));
    check(geometry(lanes, 3, 3, 1, 1, 30));
    check(geometry(lanes, 3, 1, 2, 2, 27));
    check(geometry(lanes, 5, 2, 3, 4, 29));
  }
}

}  // namespace lucid::test
