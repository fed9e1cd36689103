#include <cmath>

#include "kernels/convolution/first_layer_dy.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

using namespace first_layer;

LUCID_CLONED(void, transform_dy_16, (const Gradients& g, float* to, float* bias), (g, to, bias)) {
  transform_dy<16>(g, to, bias);
}

LUCID_CLONED(void, transform_dy_8, (const Gradients& g, float* to, float* bias), (g, to, bias)) {
  transform_dy<8>(g, to, bias);
}

template <class Gradient>
void add_tile(const FirstLayer& l, const TilePlace& tile, const TilePlace& next,
              const TileChannels& channels, const Gradient& dy, const Workspace& parts,
              float* sums) {
  const std::int64_t block_floats = kElements * l.channels() * l.kernel[2] * l.lanes;
  const auto transform = l.lanes == 16 ? transform_dy_16 : transform_dy_8;
  SumRun run{&channels, l.channels(), nullptr, row_floats(l), parts.products, 0, 0, nullptr};
  run.dy_voxels = std::min(kRunVoxels, l.output[2]) | 1;  // no power of two of lines
  Gradients g{};
  g.planes = tile.planes;
  g.rows = tile.rows;
  g.depth_points = points_of(l, 0, 0, tile.planes);  // the first phase has the most taps
  g.height_points = points_of(l, 0, 1, tile.rows);
  g.step = run.dy_voxels * l.lanes;
  for (std::int64_t block = 0; block < l.blocks(); ++block) {
    run.sums = sums + block * block_floats;
    for (std::int64_t w = 0; w < l.output[2]; w += kRunVoxels) {
      set_gradients(l, tile, next, block, w, dy, g);
      g.voxels = run.voxels = std::min(kRunVoxels, l.output[2] - w);
      transform(g, parts.products, sums + l.blocks() * block_floats + block * l.lanes);
      run.x = parts.first_read(l) + w * l.stride[2];
      add_products(l, run);
    }
  }
}

// The gradients of the taps (3, 3) that a tap along the width has in depth and height.
void inverse_transform(const float (&from)[kElements], float (&taps)[kTaps * kTaps]) {
  float half[kTaps][kReadSide];
  for (std::int64_t h = 0; h < kReadSide; ++h) {
    float column[kReadSide], made[kTaps];
    for (std::int64_t d = 0; d < kReadSide; ++d) column[d] = from[d * kReadSide + h];
    winograd::GradientPoints::inverse_transform(column, made);
    for (std::int64_t d = 0; d < kTaps; ++d) half[d][h] = made[d];
  }
  for (std::int64_t d = 0; d < kTaps; ++d) {
    float made[kTaps];
    winograd::GradientPoints::inverse_transform(half[d], made);
    std::copy_n(made, kTaps, taps + d * kTaps);
  }
}

}  // namespace

std::int64_t FirstLayerGradient::sum_floats() const {
  return layer_.weight_floats() + layer_.blocks() * layer_.lanes;
}

std::int64_t FirstLayerGradient::workspace_floats() const { return threads_ * thread_floats(); }

// Sums the tiles of a stretch, and then the stretches: no sum has many more terms than the root of
// all tiles.
template <class Gradient>
void FirstLayerGradient::sum_share(std::int64_t thread, const float* x, const Gradient& dy,
                                   float* workspace) const {
  const std::int64_t sums = sum_floats();
  float* const total = workspace + thread * thread_floats();
  float *const part = total + sums, *const floats = part + sums;
  clear(layer_, floats);
  const Workspace parts(layer_, floats);
  const KindsOfTiles kinds(layer_);
  const std::int64_t tiles = tile_count(layer_), end = tiles * (thread + 1) / threads_;
  std::int64_t i = tiles * thread / threads_;
  const auto stretch =
      static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(end - i))));
  std::fill_n(total, sums, 0.F);
  while (i < end) {
    std::fill_n(part, sums, 0.F);
    for (const std::int64_t stop = std::min(end, i + stretch); i < stop; ++i) {
      const TilePlace tile(layer_, i);
      transform_x(layer_, tile, Purpose::kGradients, x, parts);
      const TilePlace next(layer_, std::min(i + 1, end - 1));
      add_tile(layer_, tile, next, kinds.channels(tile), dy, parts, part);
    }
    for (std::int64_t k = 0; k < sums; ++k) total[k] += part[k];
  }
}

void FirstLayerGradient::add_threads(float* dw, float* db, const float* workspace) const {
  const FirstLayer& l = layer_;
  const std::int64_t width = l.kernel[2], all_taps = l.kernel[0] * l.kernel[1] * width;
  const std::int64_t floats = thread_floats(), weight_floats = l.weight_floats();
  const auto sum = [&](std::int64_t at) {
    float all = 0;
    for (std::int64_t thread = 0; thread < threads_; ++thread)
      all += workspace[thread * floats + at];
    return all;
  };
  for (std::int64_t output = 0; output < l.outputs; ++output)
    for (std::int64_t i = 0; i < l.channels() * width; ++i) {
      float elements[kElements], taps[kTaps * kTaps];
      for (std::int64_t element = 0; element < kElements; ++element) {
        const std::int64_t row = (output / l.lanes * kElements + element) * l.channels() * width;
        elements[element] = sum((row + i) * l.lanes + output % l.lanes);
      }
      inverse_transform(elements, taps);
      const std::int64_t channel = i / width;
      float* const to = dw + (output * l.inputs + channel / l.phases()) * all_taps + i % width;
      for (std::int64_t k = 0; k < kTaps * kTaps; ++k) {
        const std::int64_t d = k / kTaps * l.stride[0] + phase_of(l, channel, 0);
        const std::int64_t h = k % kTaps * l.stride[1] + phase_of(l, channel, 1);
        if (d < l.kernel[0] && h < l.kernel[1]) to[(d * l.kernel[1] + h) * width] = taps[k];
      }
    }
  for (std::int64_t output = 0; db != nullptr && output < l.outputs; ++output)
    db[output] = sum(weight_floats + output);
}

template <class Gradient>
void FirstLayerGradient::sum_shares(const float* x, const Gradient& dy, float* workspace) const {
  parallel_for(threads_, [&](std::int64_t thread) { sum_share(thread, x, dy, workspace); });
}

void FirstLayerGradient::run(const float* x, const float* dy, float* dw, float* db,
                             float* workspace) const {
  sum_shares(x, dy, workspace);
  add_threads(dw, db, workspace);
}

void FirstLayerGradient::run_pooled(const float* x, const FirstLayerPooledGradient& pooled,
                                    float* dw, float* db, float* workspace) const {
  sum_shares(x, pooled, workspace);
  add_threads(dw, db, workspace);
}

}  // namespace lucid
