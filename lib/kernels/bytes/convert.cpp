#include "kernels/bytes/convert.h"

#include <algorithm>
#include <array>
#include <bit>

#include "kernels/simd/clones.h"
#include "tensor/parallel.h"

namespace lucid::bytes {
namespace {

constexpr std::int64_t kBlock = 16384;  // elements that a thread converts at a time

struct Rounding {
  float per_step, zero;

  explicit Rounding(ByteScale scale)
      : per_step(1 / scale.scale), zero(static_cast<float>(scale.zero)) {}

  // Adding 1.5 * 2^23 leaves the rounded number in the lowest bits, which compilers make vector
  // code of, unlike of a conversion to integers that may trap.
  LUCID_INLINE std::uint8_t operator()(float value) const {
    constexpr float kShift = 12582912.F, kLast = 255;
    const float place = value * per_step + zero;
    const float at_least_0 = place > 0 ? place : 0.F;
    const float inside = at_least_0 < kLast ? at_least_0 : kLast;
    return static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(inside + kShift));
  }
};

LUCID_CLONES void convert_run(std::int64_t count, const float* x, const Rounding& rounding,
                              std::uint8_t* y) {
  const Rounding round = rounding;
  for (std::int64_t i = 0; i < count; ++i) y[i] = round(x[i]);
}

// The same of voxels whose values lie `step` apart.
LUCID_CLONES void convert_lane(std::int64_t count, const float* x, std::int64_t step,
                               const Rounding& rounding, std::uint8_t* y) {
  const Rounding round = rounding;
  for (std::int64_t i = 0; i < count; ++i) y[i] = round(x[i * step]);
}

template <int kLanes>
LUCID_INLINE void join_fixed(std::int64_t count, const std::uint8_t* lanes, std::int64_t step,
                             std::uint8_t* y) {
  for (std::int64_t i = 0; i < count; ++i)
    for (int lane = 0; lane < kLanes; ++lane) y[i * kLanes + lane] = lanes[lane * step + i];
}

// Lanes that lie one behind the other become neighbours, voxel by voxel.
LUCID_CLONES void join_lanes(std::int64_t count, const std::uint8_t* lanes, std::int64_t lane_count,
                             std::int64_t step, std::uint8_t* y) {
  if (lane_count == 2) return join_fixed<2>(count, lanes, step, y);
  if (lane_count == 3) return join_fixed<3>(count, lanes, step, y);
  if (lane_count == 4) return join_fixed<4>(count, lanes, step, y);
  if (lane_count == 16) return join_fixed<16>(count, lanes, step, y);
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t lane = 0; lane < lane_count; ++lane)
      y[i * lane_count + lane] = lanes[lane * step + i];
}

LUCID_CLONES void spread_run(std::int64_t count, const std::uint8_t* x, ByteScale scale, float* y) {
  for (std::int64_t i = 0; i < count; ++i)
    y[i] = scale.scale * static_cast<float>(std::int32_t{x[i]} - scale.zero);
}

bool is_same_order(const ChannelRuns& a, const ChannelRuns& b) {
  return a.lanes == b.lanes && a.run_stride == b.run_stride && a.voxel_stride == b.voxel_stride &&
         (a.samples == 1 || a.sample_stride == b.sample_stride);
}

}  // namespace

void to_bytes(const ChannelRuns& from, const float* x, const ChannelRuns& to, ByteScale scale,
              std::uint8_t* y) {
  const Rounding rounding(scale);
  if (is_same_order(from, to)) {
    parallel_blocks(to.samples * to.runs() * to.voxels * to.lanes, kBlock,
                    [&](std::int64_t begin, std::int64_t end) {
                      convert_run(end - begin, x + begin, rounding, y + begin);
                    });
    return;
  }
  constexpr std::int64_t kVoxels = 256, kMostLanes = 64;  // that are converted at a time
  const std::int64_t parts = (to.voxels + kVoxels - 1) / kVoxels;
  const std::int64_t pieces = (to.lanes + kMostLanes - 1) / kMostLanes;
  parallel_for(to.samples * to.runs() * parts, [&](std::int64_t i) {
    const std::int64_t sample = i / (to.runs() * parts), run = i / parts % to.runs();
    const std::int64_t first = i % parts * kVoxels, count = std::min(kVoxels, to.voxels - first);
    std::uint8_t* const y_run =
        y + sample * to.sample_stride + run * to.run_stride + first * to.voxel_stride;
    const float* const x_run = x + sample * from.sample_stride + first * from.voxel_stride;
    std::array<std::uint8_t, kVoxels * kMostLanes> lanes;
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
      const std::int64_t begin = piece * kMostLanes, end = std::min(begin + kMostLanes, to.lanes);
      for (std::int64_t lane = begin; lane < end; ++lane) {
        const std::int64_t channel = run * to.lanes + lane;
        std::uint8_t* const to_lane = lanes.data() + (lane - begin) * kVoxels;
        if (channel < to.channels)
          convert_lane(count, x_run + channel / from.lanes * from.run_stride + channel % from.lanes,
                       from.voxel_stride, rounding, to_lane);
        else
          std::fill_n(to_lane, count, static_cast<std::uint8_t>(scale.zero));
      }
      if (pieces == 1) {
        join_lanes(count, lanes.data(), to.lanes, kVoxels, y_run);
        continue;
      }
      for (std::int64_t v = 0; v < count; ++v)
        for (std::int64_t lane = begin; lane < end; ++lane)
          y_run[v * to.voxel_stride + lane] =
              lanes[static_cast<std::size_t>((lane - begin) * kVoxels + v)];
    }
  });
}

void to_floats(std::int64_t count, const std::uint8_t* x, ByteScale scale, float* y) {
  parallel_blocks(count, kBlock, [&](std::int64_t begin, std::int64_t end) {
    spread_run(end - begin, x + begin, scale, y + begin);
  });
}

}  // namespace lucid::bytes
