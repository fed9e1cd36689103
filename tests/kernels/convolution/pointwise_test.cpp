#include "kernels/convolution/pointwise.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace lucid::test {
namespace {

constexpr std::int64_t kSamples = 2, kVoxels = 2059;  // two blocks of voxels, and a tail

std::vector<float> numbers(std::int64_t count, float seed) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i)
    values.push_back(std::sin(seed + 0.7F * static_cast<float>(i)));
  return values;
}

// Channels last, or blocks of `lanes`.
Pointwise product(std::int64_t lanes, std::int64_t inputs, std::int64_t outputs, bool is_last) {
  const std::int64_t step = is_last ? inputs : lanes;
  return {{.samples = kSamples,
           .groups = inputs / lanes,
           .lanes = lanes,
           .sample_stride = inputs * kVoxels,
           .group_stride = is_last ? lanes : lanes * kVoxels,
           .voxel_stride = {kVoxels * step, kVoxels * step, step}},
          kVoxels,
          outputs};
}

std::size_t at(const Pointwise& p, std::int64_t sample, std::int64_t channel, std::int64_t voxel) {
  return static_cast<std::size_t>(sample * p.x.sample_stride +
                                  channel / p.x.lanes * p.x.group_stride +
                                  voxel * p.x.voxel_stride[2] + channel % p.x.lanes);
}

struct Sums {
  std::vector<double> y, dx, weights, bias;
};

Sums expected(const Pointwise& p, const std::vector<float>& x, const std::vector<float>& w,
              const std::vector<float>& dy) {
  Sums sums{std::vector<double>(dy.size()), std::vector<double>(x.size()),
            std::vector<double>(w.size()),
            std::vector<double>(static_cast<std::size_t>(p.outputs))};
  for (std::int64_t i = 0; i < kSamples * p.outputs * kVoxels; ++i) {
    const std::int64_t voxel = i % kVoxels, o = i / kVoxels % p.outputs;
    const auto to = static_cast<std::size_t>(i), row = static_cast<std::size_t>(o);
    sums.y[to] = static_cast<double>(o);  // the bias
    sums.bias[row] += dy[to];
    for (std::int64_t c = 0; c < p.inputs(); ++c) {
      const std::size_t from = at(p, i / kVoxels / p.outputs, c, voxel);
      const auto weight = static_cast<std::size_t>(o * p.inputs() + c);
      sums.y[to] += double{w[weight]} * double{x[from]};
      sums.dx[from] += double{w[weight]} * double{dy[to]};
      sums.weights[weight] += double{x[from]} * double{dy[to]};
    }
  }
  return sums;
}

double worst(const std::vector<float>& found, const std::vector<double>& wanted) {
  double most = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    most = std::max(most, std::abs(double{found[i]} - wanted[i]));
  return most;
}

}  // namespace

TEST_CASE("a product of voxels with few rows, and its gradients, are those of the definition") {
  for (const bool is_last : {false, true})
    for (const std::int64_t lanes : {8, 16})
      for (std::int64_t outputs = 1; outputs <= Pointwise::kMostOutputs; ++outputs) {
        CAPTURE(is_last);
        CAPTURE(lanes);
        CAPTURE(outputs);
        const Pointwise p = product(lanes, 2 * lanes, outputs, is_last);
        const auto x = numbers(kSamples * p.inputs() * kVoxels, 1);
        const auto w = numbers(outputs * p.inputs(), 2),
                   dy = numbers(kSamples * outputs * kVoxels, 3);
        std::vector<float> bias, y(dy.size()), dx(x.size()), dw(w.size());
        for (std::int64_t o = 0; o < outputs; ++o) bias.push_back(static_cast<float>(o));
        const Sums sums = expected(p, x, w, dy);
        pointwise_forward(p, x.data(), w.data(), bias.data(), y.data());
        CHECK(worst(y, sums.y) < 1e-5);
        pointwise_input_gradient(p, dy.data(), w.data(), dx.data());
        CHECK(worst(dx, sums.dx) < 1e-5);
        std::vector<float> partials(static_cast<std::size_t>(p.partial_sums()));
        pointwise_weight_gradient(p, x.data(), dy.data(), partials.data(), dw.data(), bias.data());
        CHECK(worst(dw, sums.weights) < 1e-3);  // of 4118 products
        CHECK(worst(bias, sums.bias) < 1e-3);
      }
}

}  // namespace lucid::test
