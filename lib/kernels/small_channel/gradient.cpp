#include "kernels/small_channel/gradient.h"

#include <algorithm>
#include <cmath>

#include "kernels/simd/clones.h"
#include "kernels/simd/vector.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

// Rows of dy that stay in the second cache until all units have seen them, with those of x.
constexpr std::int64_t kPieceFloats = 65536;
// Voxels that registers sum up before memory does.
constexpr std::int64_t kVoxelsAtATime = 512;

// Adds in four independent sums, which hide the latency of an addition.
template <int kLanes>
LUCID_INLINE void add_voxels(const float* from, std::int64_t voxels, float* to) {
  using V = Floats<kLanes>;
  V sums[4] = {}, next;
  for (std::int64_t voxel = 0; voxel < voxels; ++voxel) {
    load_lanes<kLanes>(from + voxel * kLanes, next);
    sums[voxel % 4] += next;
  }
  load_lanes<kLanes>(to, next);
  store_lanes<kLanes>(next + ((sums[0] + sums[1]) + (sums[2] + sums[3])), to);
}

LUCID_CLONED(void, add_voxels,
             (std::int64_t lanes, const float* from, std::int64_t voxels, float* to),
             (lanes, from, voxels, to)) {
  if (lanes == 16)
    add_voxels<16>(from, voxels, to);
  else
    add_voxels<8>(from, voxels, to);
}

}  // namespace

SmallChannelWeightGradient::SmallChannelWeightGradient(const SmallChannelGeometry& geometry,
                                                       bool is_plain, int threads,
                                                       const small_channel::GradientTile* tiles)
    : g_(geometry),
      is_plain_(is_plain),
      threads_(threads),
      zeros_(static_cast<std::size_t>(geometry.input[2] * geometry.lanes)),
      rows_(static_cast<std::size_t>(threads)) {
  list_units(tiles);
  for (auto& rows : rows_) rows.reserve(static_cast<std::size_t>(g_.output[1]));
}

bool SmallChannelWeightGradient::can_compute(const SmallChannelGeometry& g,
                                             const small_channel::GradientTile* tiles) {
  for (const small_channel::GradientTile* tile = tiles; tile->run != nullptr; ++tile)
    if (tile->lanes == g.lanes && tile->columns == g.kernel[2]) return g.padding[2] < g.kernel[2];
  return false;
}

// The first one that asks for no more.
const small_channel::GradientTile* SmallChannelWeightGradient::best_tile(
    const small_channel::GradientTile* tiles, std::int64_t rows, std::int64_t groups) const {
  const small_channel::GradientTile* tile = tiles;
  while (tile->lanes != g_.lanes || tile->group != group() || tile->columns != g_.kernel[2] ||
         tile->rows > rows || tile->groups > groups)
    ++tile;
  return tile;
}

// Tiles of several rows of taps where x is plain, of several groups where a block has them.
void SmallChannelWeightGradient::list_units(const small_channel::GradientTile* tiles) {
  const std::int64_t taps = g_.kernel[0] * g_.kernel[1];
  const std::int64_t block = is_plain_ ? 1 : g_.lanes;
  for (std::int64_t outputs = 0; outputs < g_.output_blocks(); ++outputs)
    for (std::int64_t first = 0; first < g_.inputs; first += block) {
      const std::int64_t inputs = std::min(block, g_.inputs - first);
      const std::int64_t groups = (inputs + group() - 1) / group();
      const small_channel::GradientTile* tile = nullptr;
      for (std::int64_t row = 0; row < taps; row += tile->rows)
        for (std::int64_t i = 0; i < groups; i += tile->groups) {
          tile = best_tile(tiles, is_plain_ ? taps - row : 1, groups - i);
          const std::int64_t count =
              tile->rows * tile->groups * tile->columns * static_cast<std::int64_t>(tile->lanes);
          units_.push_back({tile, outputs, first + i * group(), row, floats_, count});
          floats_ += count;
        }
    }
}

// Sums the pieces of a stretch, and then the stretches: of n pieces, no sum has many more terms
// than the root of n.
void SmallChannelWeightGradient::sum_share(std::int64_t thread, const float* x, const float* dy,
                                           float* total, float* part) {
  const std::int64_t height = g_.output[1], all = g_.samples * g_.output[0] * height;
  const std::int64_t most =
      std::max<std::int64_t>(1, kPieceFloats / (g_.output[2] * g_.lanes * g_.output_blocks()));
  const std::int64_t end = all * (thread + 1) / threads_;
  std::int64_t row = all * thread / threads_;
  const std::int64_t pieces = (end - row) / std::min(most, height) + 1;
  const auto stretch = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(pieces))));
  std::fill_n(total, floats_of_thread(), 0.F);
  while (row < end) {
    std::fill_n(part, floats_of_thread(), 0.F);
    for (std::int64_t piece = 0; piece < stretch && row < end; ++piece) {
      const std::int64_t plane = row / height, begin = row % height;
      const std::int64_t count = std::min({most, height - begin, end - row});
      sum_rows({plane / g_.output[0], plane % g_.output[0], begin, begin + count}, x, dy,
               rows_[static_cast<std::size_t>(thread)], part);
      row += count;
    }
    for (std::int64_t i = 0; i < floats_of_thread(); ++i) total[i] += part[i];
  }
}

void SmallChannelWeightGradient::run(const float* x, const float* dy, float* dw, float* db,
                                     float* workspace) {
  float* const parts = workspace + threads_ * floats_of_thread();
  parallel_for(threads_, [&](std::int64_t thread) {
    const std::int64_t first = thread * floats_of_thread();
    sum_share(thread, x, dy, workspace + first, parts + first);
  });
  parallel_for(static_cast<std::int64_t>(units_.size()), [&](std::int64_t i) {
    add_threads(units_[static_cast<std::size_t>(i)], workspace, dw);
  });
  for (std::int64_t output = 0; db != nullptr && output < g_.outputs; ++output) {
    db[output] = 0;
    for (std::int64_t thread = 0; thread < threads_; ++thread)
      db[output] += workspace[thread * floats_of_thread() + floats_ + output];
  }
}

void SmallChannelWeightGradient::sum_rows(const RowRange& range, const float* x, const float* dy,
                                          std::vector<small_channel::OutputRow>& rows,
                                          float* sums) const {
  small_channel::GradientArguments a{};
  a.x_step = is_plain_ ? 1 : g_.lanes;
  a.x_voxels = g_.input[2];
  a.dy_voxels = g_.output[2];
  a.padding = g_.padding[2];
  a.rows_at_a_time = std::max<std::int64_t>(1, kVoxelsAtATime / g_.output[2]);
  for (const Unit& unit : units_) {
    list_rows(unit, range, x, dy, rows);
    a.rows = rows.data();
    a.row_count = static_cast<std::int64_t>(rows.size());
    a.sums = sums + unit.begin;
    unit.tile->run(a);
  }
  sum_outputs(range, dy, sums + floats_);
}

// Leaves out rows whose taps are all outside the volume.
void SmallChannelWeightGradient::list_rows(const Unit& unit, const RowRange& range, const float* x,
                                           const float* dy,
                                           std::vector<small_channel::OutputRow>& rows) const {
  const std::int64_t lanes = is_plain_ ? 1 : g_.lanes;
  const std::int64_t row_floats = g_.input[2] * lanes, plane_floats = g_.input[1] * row_floats;
  const std::int64_t blocks = is_plain_ ? g_.inputs : g_.blocks();
  x += (range.sample * blocks + unit.inputs / lanes) * g_.input[0] * plane_floats +
       unit.inputs % lanes;
  dy += ((range.sample * g_.output_blocks() + unit.outputs) * g_.output[0] + range.plane) *
        g_.output[1] * g_.output[2] * g_.lanes;
  rows.resize(static_cast<std::size_t>(range.end - range.begin));
  for (std::int64_t h = range.begin; h < range.end; ++h)
    rows[static_cast<std::size_t>(h - range.begin)].dy = dy + h * g_.output[2] * g_.lanes;
  const auto taps = static_cast<std::size_t>(unit.tile->rows);
  for (std::size_t i = 0; i < taps; ++i) {
    const std::int64_t tap = unit.taps + static_cast<std::int64_t>(i);
    const std::int64_t plane = range.plane + tap / g_.kernel[1] - g_.padding[0];
    const bool is_within = plane >= 0 && plane < g_.input[0];
    std::int64_t row = range.begin + tap % g_.kernel[1] - g_.padding[1];
    for (small_channel::OutputRow& output_row : rows) {
      output_row.x[i] = is_within && row >= 0 && row < g_.input[1]
                            ? x + plane * plane_floats + row * row_floats
                            : zeros_.data();
      ++row;
    }
  }
  std::erase_if(rows, [&](const small_channel::OutputRow& row) {
    return std::all_of(row.x.begin(), row.x.begin() + taps,
                       [&](const float* from) { return from == zeros_.data(); });
  });
}

void SmallChannelWeightGradient::sum_outputs(const RowRange& range, const float* dy,
                                             float* sums) const {
  for (std::int64_t block = 0; block < g_.output_blocks(); ++block) {
    const std::int64_t plane =
        (range.sample * g_.output_blocks() + block) * g_.output[0] + range.plane;
    const float* from = dy + (plane * g_.output[1] + range.begin) * g_.output[2] * g_.lanes;
    add_voxels(g_.lanes, from, (range.end - range.begin) * g_.output[2], sums + block * g_.lanes);
  }
}

// Adds the sums of all threads in their order.
void SmallChannelWeightGradient::add_threads(const Unit& unit, const float* workspace,
                                             float* dw) const {
  const std::int64_t columns = g_.kernel[2], lanes = g_.lanes;
  for (std::int64_t i = 0; i < unit.count; ++i) {
    const std::int64_t lane = i % lanes, column = i / lanes % columns;
    const std::int64_t place = i / lanes / columns;  // (row, group)
    const std::int64_t row = unit.taps + place / unit.tile->groups;
    const std::int64_t input = unit.inputs + place % unit.tile->groups * group() + lane % group();
    const std::int64_t output = (unit.outputs * lanes + lane) / group();
    if (input >= g_.inputs || output >= g_.outputs) continue;
    float sum = 0;
    for (std::int64_t thread = 0; thread < threads_; ++thread)
      sum += workspace[thread * floats_of_thread() + unit.begin + i];
    dw[(output * g_.inputs + input) * g_.taps() + row * columns + column] = sum;
  }
}

}  // namespace lucid
