#include "kernels/blocked_gradient/blocked_gradient.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/rng.h"
#include "support/approx.h"

namespace lucid {
namespace {

using blocked_gradient::Tiles;

bool runs_here(const Tiles& tiles) {
#if defined(__x86_64__)
  if (&tiles == &blocked_gradient::kAvx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
  if (&tiles == &blocked_gradient::kAvx2)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return &tiles == &blocked_gradient::kPortable;
}

struct Row {
  const char* name;
  ConvGeometry g;  // without output, lanes and input_lanes
  bool is_plain = false;
};

Triple output_of(const ConvGeometry& g) {
  Triple out{};
  for (std::size_t i = 0; i < 3; ++i)
    out[i] =
        (g.input[i] + 2 * g.padding[i] - g.dilation[i] * (g.kernel[i] - 1) - 1) / g.stride[i] + 1;
  return out;
}

// Blocks beside blocks, as the layers order them.
WeightStrides dense_weight(const ConvGeometry& g) {
  const std::int64_t run = g.input_lanes, taps = g.kernel[0] * g.kernel[1] * g.kernel[2];
  const std::int64_t tap = g.is_depthwise() ? g.lanes : run * g.lanes;
  WeightStrides w;
  w.tap = {g.kernel[1] * g.kernel[2] * tap, g.kernel[2] * tap, tap};
  w.input_block = taps * tap;
  w.input = g.input_lanes == 1 ? w.input_block : g.lanes;
  w.output_block =
      g.is_depthwise() ? w.input_block : w.input_block * ((g.group_inputs + run - 1) / run);
  w.group = w.output_block * ((g.group_outputs + g.lanes - 1) / g.lanes);
  w.floats = g.is_depthwise() ? w.output_block * g.output_blocks() : w.group * g.groups;
  return w;
}

std::int64_t weight_at(const ConvGeometry& g, const WeightStrides& w, std::int64_t output,
                       std::int64_t input) {
  if (g.is_depthwise()) return output / g.lanes * w.output_block + output % g.lanes;
  const std::int64_t o = output % g.group_outputs;
  const std::int64_t in_run =
      g.input_lanes == 1 ? input * w.input
                         : input / g.input_lanes * w.input_block + input % g.input_lanes * w.input;
  return output / g.group_outputs * w.group + o / g.lanes * w.output_block + o % g.lanes + in_run;
}

// A tensor in blocks of channels, the padding of the last block zero.
struct Blocked {
  Blocked(std::int64_t samples, std::int64_t channels, std::int64_t lanes, std::int64_t voxels,
          Rng& rng)
      : lanes_(lanes), blocks_((channels + lanes - 1) / lanes), voxels_(voxels) {
    values.resize(static_cast<std::size_t>(samples * blocks_ * lanes * voxels));
    for (std::int64_t n = 0; n < samples; ++n)
      for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t v = 0; v < voxels; ++v)
          values[place(n, c, v)] = static_cast<float>(rng.normal());
  }
  std::size_t place(std::int64_t n, std::int64_t c, std::int64_t v) const {
    return static_cast<std::size_t>(((n * blocks_ + c / lanes_) * voxels_ + v) * lanes_ +
                                    c % lanes_);
  }
  double at(std::int64_t n, std::int64_t c, std::int64_t v) const {
    return static_cast<double>(values[place(n, c, v)]);
  }
  std::vector<float> values;

 private:
  std::int64_t lanes_, blocks_, voxels_;
};

// The definition, one element of the weight at a time.
double gradient_at(const ConvGeometry& g, const Blocked& x, const Blocked& dy, std::int64_t output,
                   std::int64_t input, const Triple& tap) {
  double sum = 0;
  Triple v{};
  for (std::int64_t i = 0; i < g.samples * g.output_voxels(); ++i) {
    const std::int64_t n = i / g.output_voxels(), voxel = i % g.output_voxels();
    v = {voxel / (g.output[1] * g.output[2]), voxel / g.output[2] % g.output[1],
         voxel % g.output[2]};
    bool is_inside = true;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      v[axis] = v[axis] * g.stride[axis] - g.padding[axis] + tap[axis] * g.dilation[axis];
      is_inside = is_inside && v[axis] >= 0 && v[axis] < g.input[axis];
    }
    if (!is_inside) continue;
    const std::int64_t channel = output / g.group_outputs * g.group_inputs + input;
    sum +=
        x.at(n, channel, (v[0] * g.input[1] + v[1]) * g.input[2] + v[2]) * dy.at(n, output, voxel);
  }
  return sum;
}

void check(const ConvGeometry& g, const Tiles& tiles, int threads) {
  Rng rng(7, "weight gradient");
  const Blocked x(g.samples, g.groups * g.group_inputs, g.input_lanes, g.input_voxels(), rng);
  const Blocked dy(g.samples, g.groups * g.group_outputs, g.lanes, g.output_voxels(), rng);
  const WeightStrides w = dense_weight(g);
  BlockedWeightGradient kernel(g, w, threads, tiles);
  const float kUnwritten = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> dw(static_cast<std::size_t>(w.floats), kUnwritten), again = dw;
  std::vector<float> db(static_cast<std::size_t>(g.output_blocks() * g.lanes), kUnwritten);
  std::vector<float> workspace(static_cast<std::size_t>(kernel.workspace_floats()), kUnwritten);
  kernel.run(x.values.data(), dy.values.data(), dw.data(), db.data(), workspace.data());
  std::vector<double> found, expected;  // of products near 1, up to some hundreds of them
  double padding = 0;
  for (const float value : dw) padding += std::abs(static_cast<double>(value));
  for (std::int64_t o = 0; o < g.groups * g.group_outputs; ++o)
    for (std::int64_t i = 0; i < g.group_inputs; ++i)
      for (std::int64_t d = 0; d < g.kernel[0]; ++d)
        for (std::int64_t h = 0; h < g.kernel[1]; ++h)
          for (std::int64_t k = 0; k < g.kernel[2]; ++k) {
            const std::int64_t at =
                weight_at(g, w, o, i) + d * w.tap[0] + h * w.tap[1] + k * w.tap[2];
            found.push_back(static_cast<double>(dw[static_cast<std::size_t>(at)]));
            padding -= std::abs(found.back());
            expected.push_back(gradient_at(g, x, dy, o, i, {d, h, k}));
          }
  CHECK(found == test::approx(expected).within(1e-5, 1e-4));
  CHECK(padding == doctest::Approx(0).epsilon(1e-6));
  found.clear();
  expected.clear();
  for (std::int64_t o = 0; o < g.groups * g.group_outputs; ++o) {
    double sum = 0;
    for (std::int64_t i = 0; i < g.samples * g.output_voxels(); ++i)
      sum += dy.at(i / g.output_voxels(), o, i % g.output_voxels());
    found.push_back(static_cast<double>(db[static_cast<std::size_t>(o)]));
    expected.push_back(sum);
  }
  CHECK(found == test::approx(expected).within(1e-5, 1e-4));
  kernel.run(x.values.data(), dy.values.data(), again.data(), nullptr, workspace.data());
  CHECK(dw == again);
}

ConvGeometry geometry(std::int64_t samples, std::int64_t groups, std::int64_t inputs,
                      std::int64_t outputs, Triple input, Triple kernel) {
  ConvGeometry g;
  g.samples = samples;
  g.groups = groups;
  g.group_inputs = inputs;
  g.group_outputs = outputs;
  g.input = input;
  g.kernel = kernel;
  return g;
}

std::vector<Row> rows() {
  std::vector<Row> rows = {
      {"blocks", geometry(2, 1, 16, 16, {4, 3, 6}, {3, 3, 3})},
      {"partly filled blocks", geometry(1, 1, 11, 21, {4, 4, 5}, {3, 2, 3})},
      {"three blocks of outputs", geometry(1, 1, 24, 40, {3, 4, 5}, {2, 2, 2})},
      {"kernel of 5", geometry(1, 1, 8, 8, {5, 5, 7}, {1, 1, 5})},
      {"no kernel", geometry(2, 1, 9, 17, {3, 4, 5}, {1, 1, 1})},
      {"groups of blocks", geometry(1, 2, 32, 16, {3, 3, 4}, {2, 1, 3})},
      {"depthwise", geometry(2, 32, 1, 1, {4, 3, 6}, {3, 3, 3})},
      {"long rows", geometry(1, 1, 8, 8, {1, 2, 300}, {1, 1, 3})},
      {"one plain channel", geometry(2, 1, 1, 16, {5, 6, 9}, {5, 5, 5}), true},
      {"plain channels", geometry(1, 1, 4, 33, {4, 4, 8}, {3, 3, 3}), true},
      {"plain channels in groups", geometry(1, 2, 3, 16, {4, 3, 4}, {2, 2, 2}), true},
      {"long plain rows", geometry(1, 1, 2, 8, {1, 2, 260}, {1, 2, 2}), true},
  };
  const std::size_t plain_count = rows.size();
  for (std::size_t i = 0; i < plain_count; ++i) {
    Row padded = rows[i], strided = rows[i], dilated = rows[i];
    padded.g.padding = {padded.g.kernel[0] / 2, padded.g.kernel[1] / 2, 2};
    strided.g.stride = {2, 1, 3};
    strided.g.padding = {0, 1, 1};
    dilated.g.dilation = {1, 1, 2};
    dilated.g.padding = {1, 0, dilated.g.kernel[2]};
    rows.insert(rows.end(), {padded, strided, dilated});
  }
  return rows;
}

}  // namespace

TEST_CASE("our weight gradients are the definition's, by every instruction set") {
  for (const Tiles* tiles :
       {&blocked_gradient::kPortable, &blocked_gradient::kAvx2, &blocked_gradient::kAvx512}) {
    if (!runs_here(*tiles)) continue;
    for (const Row& row : rows())
      for (const std::int64_t lanes : {8, 16}) {
        ConvGeometry g = row.g;
        g.output = output_of(g);
        g.lanes = lanes;
        g.input_lanes = row.is_plain ? 1 : lanes;
        if (!BlockedWeightGradient::can_compute(g, *tiles)) continue;
        for (const int threads : {1, 3}) {
          CAPTURE(row.name);
          CAPTURE(tiles->name);
          CAPTURE(lanes);
          CAPTURE(threads);
          check(g, *tiles, threads);
        }
      }
  }
}

TEST_CASE("weight gradients of groups that cut through blocks are not ours") {
  ConvGeometry g = geometry(1, 2, 4, 8, {3, 3, 3}, {1, 1, 1});
  g.output = output_of(g);
  g.lanes = g.input_lanes = 8;
  CHECK_FALSE(BlockedWeightGradient::can_compute(g, blocked_gradient::kPortable));
  g.group_inputs = 8;
  CHECK(BlockedWeightGradient::can_compute(g, blocked_gradient::kPortable));
  g.lanes = g.input_lanes = 16;
  CHECK_FALSE(BlockedWeightGradient::can_compute(g, blocked_gradient::kAvx2));
}

TEST_CASE("a block of a long row asks for its own part of the input alone") {
  ConvGeometry g = geometry(2, 1, 8, 8, {4, 8, 16}, {1, 1, 1});
  g.output = output_of(g);
  g.lanes = g.input_lanes = 8;
  const blocked_gradient::SegmentLister lister(g);
  REQUIRE(lister.row_blocks() > 2);
  std::int64_t read = 0;
  for (std::int64_t block = 0; block < lister.row_blocks(); ++block) {
    const auto inputs = lister.inputs_of(block), outputs = lister.outputs_of(block);
    CHECK(inputs.begin == outputs.begin);
    CHECK(inputs.end == outputs.end);
    read += inputs.end - inputs.begin;
  }
  CHECK(read == 2 * 8 * 4 * 8 * 16);
}

}  // namespace lucid
