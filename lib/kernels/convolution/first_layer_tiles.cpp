#include "kernels/convolution/first_layer_tiles.h"

namespace lucid::first_layer {
namespace {

// Transforms columns w to w + kLanes of all rows.
template <class Points, int kLanes>
LUCID_INLINE void transform_columns(const ReadRows& rows, std::int64_t w, std::int64_t step,
                                    float* to) {
  using Value = Floats<kLanes>;
  Value half[kReadSide][kReadSide];
#pragma GCC unroll 6
  for (std::size_t h = 0; h < kReadSide; ++h) {
    Value read[kReadSide], transformed[kReadSide];
#pragma GCC unroll 6
    for (std::size_t d = 0; d < kReadSide; ++d) load_lanes<kLanes>(rows[d][h] + w, read[d]);
    Points::transform(read, transformed);
#pragma GCC unroll 6
    for (std::size_t d = 0; d < kReadSide; ++d) half[d][h] = transformed[d];
  }
#pragma GCC unroll 6
  for (std::int64_t d = 0; d < kReadSide; ++d) {
    Value transformed[kReadSide];
    Points::transform(half[d], transformed);
#pragma GCC unroll 6
    for (std::int64_t h = 0; h < kReadSide; ++h)
      store_lanes<kLanes>(transformed[h], to + (d * kReadSide + h) * step + w);
  }
}

// The last columns overlap those before where the width is no multiple.
template <class Points, int kLanes>
LUCID_INLINE void transform_row(const ReadRows& rows, std::int64_t width, std::int64_t step,
                                float* to) {
  for (std::int64_t w = 0; w < width; w += kLanes)
    transform_columns<Points, kLanes>(rows, std::min(w, width - kLanes), step, to);
}

template <class Points>
LUCID_INLINE void transform_rows(const ReadRows& rows, std::int64_t width, std::int64_t lanes,
                                 std::int64_t step, float* to) {
  if (width >= 16 && lanes == 16) return transform_row<Points, 16>(rows, width, step, to);
  if (width >= 8) return transform_row<Points, 8>(rows, width, step, to);
  if (width >= 4) return transform_row<Points, 4>(rows, width, step, to);
  transform_row<Points, 1>(rows, width, step, to);
}

LUCID_CLONED(void, transform_for_outputs,
             (const ReadRows& rows, std::int64_t width, std::int64_t lanes, std::int64_t step,
              float* to),
             (rows, width, lanes, step, to)) {
  transform_rows<winograd::OutputPoints>(rows, width, lanes, step, to);
}

LUCID_CLONED(void, transform_for_gradients,
             (const ReadRows& rows, std::int64_t width, std::int64_t lanes, std::int64_t step,
              float* to),
             (rows, width, lanes, step, to)) {
  transform_rows<winograd::GradientPoints>(rows, width, lanes, step, to);
}

}  // namespace

void clear(const FirstLayer& l, float* floats) {
  const Workspace parts(l, floats);
  std::fill(floats, parts.products, 0.F);
}

void transform_x(const FirstLayer& l, const TilePlace& tile, Purpose purpose, const float* x,
                 const Workspace& to) {
  const std::int64_t row = row_floats(l), step = l.inputs * row;
  for (std::int64_t input = 0; input < l.inputs; ++input) {
    const float* volume =
        x + (tile.sample * l.inputs + input) * l.input[0] * l.input[1] * l.input[2];
    ReadRows rows;
    for (std::int64_t i = 0; i < kReadSide; ++i)
      for (std::int64_t j = 0; j < kReadSide; ++j) {
        const std::int64_t d = tile.d - l.padding[0] + i, h = tile.h - l.padding[1] + j;
        const bool is_within = d >= 0 && d < l.input[0] && h >= 0 && h < l.input[1];
        rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] =
            is_within ? volume + (d * l.input[1] + h) * l.input[2] : to.zeros;
      }
    const auto transform =
        purpose == Purpose::kOutputs ? transform_for_outputs : transform_for_gradients;
    transform(rows, l.input[2], l.lanes, step, to.x + input * row + kMargin);
  }
}

}  // namespace lucid::first_layer
