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

LUCID_CLONED(void, convert_run,
             (std::int64_t count, const float* x, const Rounding& rounding, std::uint8_t* y),
             (count, x, rounding, y)) {
  const Rounding round = rounding;
  for (std::int64_t i = 0; i < count; ++i) y[i] = round(x[i]);
}

// The same of voxels whose values lie `step` apart.
LUCID_CLONED(void, convert_lane,
             (std::int64_t count, const float* x, std::int64_t step, const Rounding& rounding,
              std::uint8_t* y),
             (count, x, step, rounding, y)) {
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
LUCID_CLONED(void, join_lanes,
             (std::int64_t count, const std::uint8_t* lanes, std::int64_t lane_count,
              std::int64_t step, std::uint8_t* y),
             (count, lanes, lane_count, step, y)) {
  if (lane_count == 2) return join_fixed<2>(count, lanes, step, y);
  if (lane_count == 3) return join_fixed<3>(count, lanes, step, y);
  if (lane_count == 4) return join_fixed<4>(count, lanes, step, y);
  if (lane_count == 16) return join_fixed<16>(count, lanes, step, y);
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t lane = 0; lane < lane_count; ++lane)
      y[i * lane_count + lane] = lanes[lane * step + i];
}

LUCID_CLONED(void, spread_run,
             (std::int64_t count, const std::uint8_t* x, ByteScale scale, float* y),
             (count, x, scale, y)) {
  for (std::int64_t i = 0; i < count; ++i)
    y[i] = scale.scale * static_cast<float>(std::int32_t{x[i]} - scale.zero);
}

bool is_same_order(const ChannelRuns& a, const ChannelRuns& b) {
  return a.lanes == b.lanes && a.run_stride == b.run_stride && a.voxel_stride == b.voxel_stride &&
         (a.samples == 1 || a.sample_stride == b.sample_stride);
}

constexpr std::int64_t kVoxels = 256, kMostLanes = 64;  // that are converted at a time

// Some channels of neighbouring voxels whose neighbours in y are others than in x.
struct Piece {
  std::int64_t first_channel, lanes, voxels;
};

using Bytes = std::array<std::uint8_t, kVoxels * kMostLanes>;

// Leaves the lanes one behind the other. `x` is the first voxel's.
void convert_lanes(const ChannelRuns& from, const float* x, ByteScale scale, const Piece& piece,
                   Bytes& bytes) {
  const Rounding rounding(scale);
  for (std::int64_t lane = 0; lane < piece.lanes; ++lane) {
    const std::int64_t channel = piece.first_channel + lane;
    std::uint8_t* const to = bytes.data() + lane * kVoxels;
    if (channel < from.channels)
      convert_lane(piece.voxels, x + channel / from.lanes * from.run_stride + channel % from.lanes,
                   from.voxel_stride, rounding, to);
    else
      std::fill_n(to, piece.voxels, static_cast<std::uint8_t>(scale.zero));
  }
}

// `y` is the first voxel's first lane.
void store_lanes(const Bytes& bytes, const Piece& piece, std::int64_t step, std::uint8_t* y) {
  if (piece.lanes == step) return join_lanes(piece.voxels, bytes.data(), step, kVoxels, y);
  for (std::int64_t v = 0; v < piece.voxels; ++v)
    for (std::int64_t lane = 0; lane < piece.lanes; ++lane)
      y[v * step + lane] = bytes[static_cast<std::size_t>(lane * kVoxels + v)];
}

}  // namespace

void to_bytes(const ChannelRuns& from, const float* x, const ChannelRuns& to, ByteScale scale,
              std::uint8_t* y) {
  if (is_same_order(from, to)) {
    parallel_blocks(to.samples * to.runs() * to.voxels * to.lanes, kBlock,
                    [&](std::int64_t begin, std::int64_t end) {
                      convert_run(end - begin, x + begin, Rounding(scale), y + begin);
                    });
    return;
  }
  const std::int64_t parts = (to.voxels + kVoxels - 1) / kVoxels;
  parallel_for(to.samples * to.runs() * parts, [&](std::int64_t i) {
    const std::int64_t sample = i / (to.runs() * parts), run = i / parts % to.runs();
    const std::int64_t voxel = i % parts * kVoxels;
    const float* const x_part = x + sample * from.sample_stride + voxel * from.voxel_stride;
    std::uint8_t* const y_part =
        y + sample * to.sample_stride + run * to.run_stride + voxel * to.voxel_stride;
    Bytes bytes;
    for (std::int64_t lane = 0; lane < to.lanes; lane += kMostLanes) {
      const Piece piece{run * to.lanes + lane, std::min(kMostLanes, to.lanes - lane),
                        std::min(kVoxels, to.voxels - voxel)};
      convert_lanes(from, x_part, scale, piece, bytes);
      store_lanes(bytes, piece, to.voxel_stride, y_part + lane);
    }
  });
}

void to_floats(std::int64_t count, const std::uint8_t* x, ByteScale scale, float* y) {
  parallel_blocks(count, kBlock, [&](std::int64_t begin, std::int64_t end) {
    spread_run(end - begin, x + begin, scale, y + begin);
  });
}

}  // namespace lucid::bytes
