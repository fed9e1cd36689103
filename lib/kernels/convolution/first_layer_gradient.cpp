#include <cmath>

#include "kernels/convolution/first_layer_dy.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

using namespace first_layer;

// Adds to the sums (element, input, tap, lane) of one block of outputs. Registers hold them, and dy
// of three voxels, so that each x is read once.
template <int kLanes, int kInputs>
LUCID_INLINE void add_products(std::int64_t row, const float* x, const float* dy,
                               std::int64_t voxels, float* to) {
  using Value = Floats<kLanes>;
  for (std::int64_t element = 0; element < kElements; ++element) {
    Value sums[kInputs][kTaps] = {}, last{}, before_last{};
    for (std::int64_t voxel = 0; voxel < voxels + kTaps - 1; ++voxel) {
      Value now;
      load_vector(dy + voxel * kLanes, now);
#pragma GCC unroll 4
      for (int input = 0; input < kInputs; ++input) {
        Value read;
        broadcast(x[input * row + voxel], read);
        sums[input][0] += now * read;
        sums[input][1] += last * read;
        sums[input][2] += before_last * read;
      }
      before_last = last;
      last = now;
    }
#pragma GCC unroll 16
    for (int i = 0; i < kInputs * kTaps; ++i) {
      Value before;
      load_vector(to + i * kLanes, before);
      store_vector(before + sums[i / kTaps][i % kTaps], to + i * kLanes);
    }
    x += kInputs * row;
    dy += kRun * kLanes;
    to += kInputs * kTaps * kLanes;
  }
}

template <int kLanes>
LUCID_INLINE void add_run(const FirstLayer& l, const Gradients& g, const float* x, float* dy,
                          float* sums, float* bias) {
  transform_dy<kLanes>(g, dy, bias);
  const std::int64_t row = row_floats(l);
  if (l.inputs == 1) return add_products<kLanes, 1>(row, x, dy, g.voxels, sums);
  if (l.inputs == 2) return add_products<kLanes, 2>(row, x, dy, g.voxels, sums);
  if (l.inputs == 3) return add_products<kLanes, 3>(row, x, dy, g.voxels, sums);
  add_products<kLanes, 4>(row, x, dy, g.voxels, sums);
}

LUCID_CLONED(void, add_run_16,
             (const FirstLayer& l, const Gradients& g, const float* x, float* dy, float* sums,
              float* bias),
             (l, g, x, dy, sums, bias)) {
  add_run<16>(l, g, x, dy, sums, bias);
}

LUCID_CLONED(void, add_run_8,
             (const FirstLayer& l, const Gradients& g, const float* x, float* dy, float* sums,
              float* bias),
             (l, g, x, dy, sums, bias)) {
  add_run<8>(l, g, x, dy, sums, bias);
}

template <class Gradient>
void add_tile(const FirstLayer& l, const TilePlace& tile, const Gradient& dy,
              const Workspace& parts, float* sums) {
  constexpr std::int64_t kMostLanes = 16;
  const std::int64_t block_floats = kElements * l.inputs * kTaps * l.lanes;
  const auto add = l.lanes == kMostLanes ? add_run_16 : add_run_8;
  Gradients g{};
  g.planes = std::min(kSide, l.output[0] - tile.d);
  g.rows = std::min(kSide, l.output[1] - tile.h);
  for (std::int64_t block = 0; block < l.blocks(); ++block)
    for (std::int64_t w = 0; w < l.output[2]; w += kRunVoxels) {
      set_gradients(l, tile, block, w, dy, g);
      g.voxels = std::min(kRunVoxels, l.output[2] - w);
      add(l, g, parts.first_read(l) + w, parts.products, sums + block * block_floats,
          sums + l.blocks() * block_floats + block * l.lanes);
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
  float* const total = workspace + thread * thread_floats();
  float *const part = total + sum_floats(), *const floats = part + sum_floats();
  clear(layer_, floats);
  const Workspace parts(layer_, floats);
  const std::int64_t tiles = tile_count(layer_), end = tiles * (thread + 1) / threads_;
  std::int64_t i = tiles * thread / threads_;
  const auto stretch =
      static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(end - i))));
  std::fill_n(total, sum_floats(), 0.F);
  while (i < end) {
    std::fill_n(part, sum_floats(), 0.F);
    for (const std::int64_t stop = std::min(end, i + stretch); i < stop; ++i) {
      const TilePlace tile(layer_, i);
      transform_x(layer_, tile, Purpose::kGradients, x, parts);
      add_tile(layer_, tile, dy, parts, part);
    }
    for (std::int64_t k = 0; k < sum_floats(); ++k) total[k] += part[k];
  }
}

void FirstLayerGradient::add_threads(float* dw, float* db, const float* workspace) const {
  const std::int64_t inputs = layer_.inputs, lanes = layer_.lanes;
  const auto sum = [&](std::int64_t at) {
    float all = 0;
    for (std::int64_t thread = 0; thread < threads_; ++thread)
      all += workspace[thread * thread_floats() + at];
    return all;
  };
  for (std::int64_t output = 0; output < layer_.outputs; ++output)
    for (std::int64_t i = 0; i < inputs * kTaps; ++i) {
      float elements[kElements], taps[kTaps * kTaps];
      for (std::int64_t element = 0; element < kElements; ++element) {
        const std::int64_t row = (output / lanes * kElements + element) * inputs * kTaps + i;
        elements[element] = sum(row * lanes + output % lanes);
      }
      inverse_transform(elements, taps);
      float* to = dw + (output * inputs + i / kTaps) * kAllTaps + i % kTaps;
      for (std::int64_t k = 0; k < kTaps * kTaps; ++k) to[k * kTaps] = taps[k];
    }
  for (std::int64_t output = 0; db != nullptr && output < layer_.outputs; ++output)
    db[output] = sum(layer_.weight_floats() + output);
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
