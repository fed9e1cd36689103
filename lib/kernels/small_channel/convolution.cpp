#include "kernels/small_channel/convolution.h"

#include <algorithm>

#include "tensor/parallel.h"

namespace lucid {
namespace {

// The stack of a thread holds the input of a tile at the volume's edge: 64 KiB.
constexpr std::int64_t kMostFrameFloats = 16384;
constexpr std::int64_t kMostLanes = 16, kMostVoxels = 16;

// Returns the cheapest tile for one row. A partial tile costs as much as a full one.
const small_channel::Tile* best_tile(const SmallChannelGeometry& g,
                                     const small_channel::Tile* tiles) {
  constexpr std::int64_t kStart = 2;  // what a tile costs besides, in voxels
  const small_channel::Tile* best = nullptr;
  std::int64_t least = 0;
  for (const small_channel::Tile* tile = tiles; tile->run != nullptr; ++tile) {
    if (tile->lanes != g.lanes || tile->group != g.group() || tile->columns != g.kernel[2])
      continue;
    const std::int64_t count = (g.output[2] + tile->voxels - 1) / tile->voxels;
    const std::int64_t cost = count * (tile->voxels + kStart);
    if (best == nullptr || cost <= least) {
      best = tile;
      least = cost;
    }
  }
  return best;
}

// Taps that read within the volume, of an output voxel.
struct Taps {
  std::int64_t begin, end;
};
Taps taps_within(const SmallChannelGeometry& g, std::size_t axis, std::int64_t at) {
  const std::int64_t first = at - g.padding[axis];
  const std::int64_t begin = std::max<std::int64_t>(0, -first);
  return {begin, std::max(begin, std::min(g.kernel[axis], g.input[axis] - first))};
}

}  // namespace

SmallChannelConvolution::SmallChannelConvolution(const SmallChannelGeometry& geometry,
                                                 const small_channel::Tile* tiles)
    : g_(geometry), tile_(best_tile(geometry, tiles)) {}

bool SmallChannelConvolution::can_compute(const SmallChannelGeometry& g,
                                          const small_channel::Tile* tiles) {
  return best_tile(g, tiles) != nullptr &&
         SmallChannelConvolution(g, tiles).frame_floats() <= kMostFrameFloats;
}

std::int64_t SmallChannelConvolution::frame_floats() const {
  return g_.kernel[0] * g_.kernel[1] * g_.blocks() * (tile_->voxels + g_.kernel[2] - 1) * g_.lanes;
}

void SmallChannelConvolution::pack(const From& from, float* weights) const {
  const std::int64_t group = g_.group(), columns = g_.kernel[2],
                     outputs_at_a_time = g_.lanes / group;
  std::fill_n(weights, g_.weight_floats(), 0.F);
  for (std::int64_t first = 0; first < g_.outputs; first += outputs_at_a_time) {
    const std::int64_t outputs = std::min(outputs_at_a_time, g_.outputs - first);
    for (std::int64_t row = 0; row < g_.kernel[0] * g_.kernel[1]; ++row)
      for (std::int64_t input = 0; input < g_.inputs; ++input)
        for (std::int64_t column = 0; column < columns; ++column) {
          const float* weight = from.first + first * from.output + input * from.input +
                                (row * columns + column) * from.tap;
          float* to = weights +
                      ((row * g_.groups() + input / group) * columns + column) * g_.lanes +
                      input % group;
          for (std::int64_t output = 0; output < outputs; ++output)
            to[output * group] = weight[output * from.output];
        }
    weights += g_.block_weights();
  }
}

void SmallChannelConvolution::pack(const float* from, float* weights) const {
  pack({from, g_.inputs * g_.taps(), g_.taps(), 1}, weights);
}

void SmallChannelConvolution::pack_reversed(const float* from, float* weights) const {
  pack({from + g_.taps() - 1, g_.taps(), g_.outputs * g_.taps(), -1}, weights);
}

void SmallChannelConvolution::run(const float* x, const float* weights, const float* bias,
                                  float slope, float* y) const {
  small_channel::TileArguments common{};
  common.x_row = g_.input[2] * g_.lanes;
  common.x_plane = g_.input[1] * common.x_row;
  common.x_block = g_.input[0] * common.x_plane;
  common.blocks = g_.blocks();
  common.groups = g_.groups();
  common.weights = weights;
  common.weights_row = g_.kernel[2] * g_.groups() * g_.lanes;
  common.weights_plane = g_.kernel[1] * common.weights_row;
  common.bias = bias;
  common.slope = slope;
  parallel_for(g_.samples * g_.output[0] * g_.output[1],
               [&](std::int64_t row) { compute_row(common, row, x, y); });
}

void SmallChannelConvolution::compute_row(const small_channel::TileArguments& common,
                                          std::int64_t row, const float* x, float* y) const {
  const std::int64_t h = row % g_.output[1], d = row / g_.output[1] % g_.output[0];
  const std::int64_t sample = row / g_.output[1] / g_.output[0];
  const Taps planes = taps_within(g_, 0, d), rows = taps_within(g_, 1, h);
  small_channel::TileArguments a = common;
  a.planes = planes.end - planes.begin;
  a.rows = rows.end - rows.begin;
  a.weights += planes.begin * a.weights_plane + rows.begin * a.weights_row;
  a.x = x + sample * a.blocks * a.x_block + (d - g_.padding[0] + planes.begin) * a.x_plane +
        (h - g_.padding[1] + rows.begin) * a.x_row;
  const std::int64_t first = sample * g_.output_blocks() * g_.output[0] * g_.output[1];
  a.y = y + (first + d * g_.output[1] + h) * g_.output[2] * g_.lanes;
  for (std::int64_t column = 0; column < g_.output[2]; column += tile_->voxels)
    compute_tile(a, column);
}

void SmallChannelConvolution::compute_tile(const small_channel::TileArguments& common,
                                           std::int64_t column) const {
  alignas(64) float framed[kMostFrameFloats];
  const std::int64_t first = column - g_.padding[2], voxels = tile_->voxels;
  small_channel::TileArguments a = common;
  a.begin = std::max<std::int64_t>(0, -first);
  a.end = std::min(g_.input[2] - first, voxels + g_.kernel[2] - 1);
  if (a.begin >= g_.kernel[2] || a.end < voxels)
    frame(a, first, framed);
  else
    a.x += first * g_.lanes;
  a.y += column * g_.lanes;
  for (std::int64_t block = 0; block < g_.output_blocks(); ++block)
    compute_block(a, block, std::min(voxels, g_.output[2] - column));
}

// One block of outputs of a tile; of its voxels, as many as there are.
void SmallChannelConvolution::compute_block(const small_channel::TileArguments& tile,
                                            std::int64_t block, std::int64_t voxels) const {
  alignas(64) float surplus[kMostVoxels * kMostLanes];
  float bias[kMostLanes] = {};
  const std::int64_t group = g_.group(), first = block * g_.lanes;
  for (std::int64_t i = 0; i < g_.lanes / group && first + i < g_.outputs; ++i)
    if (tile.bias != nullptr) bias[i * group] = tile.bias[first + i];
  small_channel::TileArguments a = tile;
  a.weights += block * g_.block_weights();
  a.bias = bias;
  float* const y = a.y + block * g_.output[0] * g_.output[1] * g_.output[2] * g_.lanes;
  a.y = voxels < tile_->voxels ? surplus : y;
  tile_->run(a);
  if (a.y == surplus) std::copy_n(surplus, voxels * g_.lanes, y);
}

// Copies the input of the tile, with zeros outside the volume.
void SmallChannelConvolution::frame(small_channel::TileArguments& a, std::int64_t first,
                                    float* to) const {
  const std::int64_t columns = tile_->voxels + g_.kernel[2] - 1;
  const std::int64_t begin = std::clamp<std::int64_t>(-first, 0, columns);
  const std::int64_t end = std::clamp<std::int64_t>(g_.input[2] - first, begin, columns);
  const float* const x = a.x;
  a.x = to;
  for (std::int64_t plane = 0; plane < a.planes; ++plane)
    for (std::int64_t row = 0; row < a.rows; ++row)
      for (std::int64_t block = 0; block < a.blocks; ++block) {
        const float* from = x + plane * a.x_plane + row * a.x_row + block * a.x_block;
        std::fill_n(to, begin * g_.lanes, 0.F);
        std::copy_n(from + (first + begin) * g_.lanes, (end - begin) * g_.lanes,
                    to + begin * g_.lanes);
        std::fill_n(to + end * g_.lanes, (columns - end) * g_.lanes, 0.F);
        to += columns * g_.lanes;
      }
  a.begin = 0;
  a.end = columns;
  a.x_block = columns * g_.lanes;
  a.x_row = a.blocks * a.x_block;
  a.x_plane = a.rows * a.x_row;
}

}  // namespace lucid
