#include "kernels/bytes/convert.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/rng.h"
#include "kernels/bytes/max_pool.h"

namespace lucid::test {
namespace {

constexpr std::int64_t kSamples = 2, kVoxels = 300;

// In blocks of so many lanes; one lane is plain order.
ChannelRuns in_lanes(std::int64_t channels, std::int64_t lanes) {
  const std::int64_t runs = (channels + lanes - 1) / lanes;
  return {.samples = kSamples,
          .channels = channels,
          .voxels = kVoxels,
          .lanes = lanes,
          .sample_stride = runs * lanes * kVoxels,
          .run_stride = lanes * kVoxels,
          .voxel_stride = lanes};
}

std::size_t at(const ChannelRuns& runs, std::int64_t sample, std::int64_t channel,
               std::int64_t voxel) {
  return static_cast<std::size_t>(sample * runs.sample_stride +
                                  channel / runs.lanes * runs.run_stride + channel % runs.lanes +
                                  voxel * runs.voxel_stride);
}

std::size_t size_of(const ChannelRuns& runs) {
  return static_cast<std::size_t>(runs.samples * runs.sample_stride);
}

constexpr ByteScale kScale{0.5F, 100};

float expected(float value) {
  return std::clamp(std::nearbyint(value / kScale.scale + 100.F), 0.F, 255.F);
}

}  // namespace

TEST_CASE("floats become the nearest bytes, whatever the orders") {
  struct Order {
    std::int64_t channels, from, to;
  };
  for (const Order& row : {Order{1, 1, 1}, Order{3, 1, 3}, Order{4, 1, 4}, Order{5, 1, 5},
                           Order{16, 16, 16}, Order{24, 16, 16}, Order{24, 8, 16}, Order{20, 1, 16},
                           Order{40, 40, 16}, Order{70, 70, 70}, Order{70, 1, 70}}) {
    CAPTURE(row.channels);
    CAPTURE(row.from);
    const ChannelRuns from = in_lanes(row.channels, row.from), to = in_lanes(row.channels, row.to);
    Rng rng(1, "floats");
    std::vector<float> x(size_of(from));
    for (std::int64_t c = 0; c < row.channels; ++c)
      for (std::int64_t i = 0; i < kSamples * kVoxels; ++i)
        x[at(from, i / kVoxels, c, i % kVoxels)] = 40 * static_cast<float>(rng.normal());
    std::vector<std::uint8_t> y(size_of(to), 1);
    bytes::to_bytes(from, x.data(), to, kScale, y.data());
    std::int64_t wrong = 0;
    for (std::int64_t c = 0; c < (row.channels + row.to - 1) / row.to * row.to; ++c)
      for (std::int64_t i = 0; i < kSamples * kVoxels; ++i) {
        const float value = c < row.channels ? x[at(from, i / kVoxels, c, i % kVoxels)] : 0.F;
        wrong += static_cast<float>(y[at(to, i / kVoxels, c, i % kVoxels)]) != expected(value);
      }
    CHECK(wrong == 0);
  }
}

TEST_CASE("bytes become the numbers that they stand for") {
  std::vector<std::uint8_t> x(256);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::uint8_t>(i);
  std::vector<float> y(x.size());
  bytes::to_floats(256, x.data(), kScale, y.data());
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(y[i] == 0.5F * (static_cast<float>(i) - 100.F));
}

TEST_CASE("the largest byte of a window is that of a naive loop") {
  for (const std::int64_t lanes : {16, 3}) {
    const PoolGeometry g{.input = {4, 5, 7},
                         .output = {2, 3, 3},
                         .kernel = {2, 2, 3},
                         .stride = {2, 2, 2},
                         .dilation = {1, 1, 1},
                         .padding = {0, 1, 0}};
    const auto groups = [&](const Triple& extents) {
      return ChannelGroups{
          .samples = 1,
          .groups = 2,
          .lanes = lanes,
          .group_stride = extents[0] * extents[1] * extents[2] * lanes,
          .voxel_stride = {extents[1] * extents[2] * lanes, extents[2] * lanes, lanes}};
    };
    const ChannelGroups from = groups(g.input), to = groups(g.output);
    Rng rng(2, "bytes");
    std::vector<std::uint8_t> x(static_cast<std::size_t>(2 * from.group_stride));
    for (std::uint8_t& byte : x) byte = static_cast<std::uint8_t>(rng.below(256));
    std::vector<std::uint8_t> y(static_cast<std::size_t>(2 * to.group_stride));
    bytes::max_pool(g, from, to, x.data(), y.data());
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < 2 * 2 * 3 * 3 * lanes; ++i) {
      const std::int64_t lane = i % lanes, w = i / lanes % 3, h = i / lanes / 3 % 3,
                         d = i / lanes / 9 % 2, group = i / lanes / 18;
      std::uint8_t most = 0;
      for (std::int64_t tap = 0; tap < 12; ++tap) {
        const std::int64_t z = 2 * d + tap / 6, row = 2 * h - 1 + tap / 3 % 2, v = 2 * w + tap % 3;
        if (row < 0 || row >= 5) continue;
        most = std::max(most, x[static_cast<std::size_t>(group * from.group_stride +
                                                         ((z * 5 + row) * 7 + v) * lanes + lane)]);
      }
      wrong += y[static_cast<std::size_t>(group * to.group_stride + ((d * 3 + h) * 3 + w) * lanes +
                                          lane)] != most;
    }
    CHECK(wrong == 0);
  }
}

}  // namespace lucid::test
