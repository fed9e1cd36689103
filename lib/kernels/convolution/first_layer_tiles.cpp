#include "kernels/convolution/first_layer_tiles.h"

namespace lucid::first_layer {
namespace {

// How a tile's rows of one channel are transformed.
struct Transformed {
  const ReadRows* rows;
  std::int64_t depth_points, height_points;
  std::int64_t width, lanes;
  std::int64_t step;  // floats from one element to the next
  float* to;
};

template <class Points, class Value>
LUCID_INLINE void transform_by(std::int64_t points, const Value (&read)[kReadSide],
                               Value (&transformed)[kReadSide]) {
  if (points > 4)
    Points::transform(read, transformed);
  else if (points == 4)
    winograd::transform_by_four<Points>(read, transformed);
  else
    winograd::transform_by_three<Points>(read, transformed);
}

// Transforms columns w to w + kLanes of all rows.
template <class Points, int kLanes>
LUCID_INLINE void transform_columns(const Transformed& t, std::int64_t w) {
  using Value = Floats<kLanes>;
  Value half[kReadSide][kReadSide];
#pragma GCC unroll 6
  for (std::size_t h = 0; h < kReadSide; ++h) {
    Value read[kReadSide], transformed[kReadSide] = {};
#pragma GCC unroll 6
    for (std::size_t d = 0; d < kReadSide; ++d) load_lanes<kLanes>((*t.rows)[d][h] + w, read[d]);
    transform_by<Points>(t.depth_points, read, transformed);
#pragma GCC unroll 6
    for (std::size_t d = 0; d < kReadSide; ++d) half[d][h] = transformed[d];
  }
  for (std::int64_t d = 0; d < t.depth_points; ++d) {
    Value transformed[kReadSide] = {};
    transform_by<Points>(t.height_points, half[d], transformed);
#pragma GCC unroll 6
    for (std::int64_t h = 0; h < kReadSide; ++h)
      if (h < t.height_points)
        store_lanes<kLanes>(transformed[h], t.to + (d * kReadSide + h) * t.step + w);
  }
}

// The last columns overlap those before where the width is no multiple.
template <class Points, int kLanes>
LUCID_INLINE void transform_row(const Transformed& t) {
  for (std::int64_t w = 0; w < t.width; w += kLanes)
    transform_columns<Points, kLanes>(t, std::min(w, t.width - kLanes));
}

template <class Points>
LUCID_INLINE void transform_rows(const Transformed& t) {
  if (t.width >= 16 && t.lanes == 16) return transform_row<Points, 16>(t);
  if (t.width >= 8) return transform_row<Points, 8>(t);
  if (t.width >= 4) return transform_row<Points, 4>(t);
  transform_row<Points, 1>(t);
}

LUCID_CLONED(void, transform_for_outputs, (const Transformed& t), (t)) {
  transform_rows<winograd::OutputPoints>(t);
}

LUCID_CLONED(void, transform_for_gradients, (const Transformed& t), (t)) {
  transform_rows<winograd::GradientPoints>(t);
}

}  // namespace

TileChannels channels_of(const FirstLayer& l, std::int64_t planes, std::int64_t rows) {
  TileChannels all;
  for (std::int64_t channel = 0; channel < l.channels(); ++channel)
    for (std::int64_t d = 0; d < std::min(kReadSide, points_of(l, channel, 0, planes)); ++d)
      for (std::int64_t h = 0; h < std::min(kReadSide, points_of(l, channel, 1, rows)); ++h) {
        ElementChannels& element = all[static_cast<std::size_t>(d * kReadSide + h)];
        element.channels[static_cast<std::size_t>(element.count++)] = static_cast<int>(channel);
      }
  return all;
}

KindsOfTiles::KindsOfTiles(const FirstLayer& l) {
  const std::int64_t planes[2] = {kSide, l.output[0] % kSide};
  const std::int64_t rows[2] = {kSide, l.output[1] % kSide};
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 2; ++j) kinds_[i][j] = channels_of(l, planes[i], rows[j]);
}

void clear(const FirstLayer& l, float* floats) {
  const Workspace parts(l, floats);
  std::fill(floats, parts.products, 0.F);
}

void transform_x(const FirstLayer& l, const TilePlace& tile, Purpose purpose, const float* x,
                 const Workspace& to) {
  const std::int64_t row = row_floats(l), plane = l.input[1] * l.input[2];
  const auto transform =
      purpose == Purpose::kOutputs ? transform_for_outputs : transform_for_gradients;
  ReadRows rows;
  Transformed t{&rows, 0, 0, l.input[2], l.lanes, l.channels() * row, nullptr};
  for (std::int64_t channel = 0; channel < l.channels(); ++channel) {
    const std::int64_t input = tile.sample * l.inputs + channel / l.phases();
    const std::int64_t first_d = tile.d * l.stride[0] + phase_of(l, channel, 0) - l.padding[0];
    const std::int64_t first_h = tile.h * l.stride[1] + phase_of(l, channel, 1) - l.padding[1];
    const float* volume = x + input * l.input[0] * plane;
    for (std::int64_t i = 0; i < kReadSide; ++i)
      for (std::int64_t j = 0; j < kReadSide; ++j) {
        const std::int64_t d = first_d + i * l.stride[0], h = first_h + j * l.stride[1];
        const bool is_within = d >= 0 && d < l.input[0] && h >= 0 && h < l.input[1];
        rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] =
            is_within ? volume + d * plane + h * l.input[2] : to.zeros;
      }
    t.depth_points = points_of(l, channel, 0, tile.planes);
    t.height_points = points_of(l, channel, 1, tile.rows);
    t.to = to.x + channel * row + margin(l);
    transform(t);
  }
}

}  // namespace lucid::first_layer
