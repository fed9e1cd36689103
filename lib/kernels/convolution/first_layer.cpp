#include "kernels/convolution/first_layer.h"

#include "kernels/convolution/first_layer_tiles.h"
#include "kernels/pool/pair_tile.h"
#include "kernels/simd/epilogue.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

using namespace first_layer;

// Voxels whose sums registers hold at a time.
constexpr int kVoxels = 8;

// The products of some voxels for one block of outputs: (element, voxel, lane).
template <int kLanes>
LUCID_INLINE void products(const FirstLayer& l, const float* x, const float* weights, float* to) {
  using Value = Floats<kLanes>;
  const std::int64_t row = row_floats(l);
  for (std::int64_t element = 0; element < kElements; ++element, to += kVoxels * kLanes) {
    Value sums[kVoxels] = {};
    for (std::int64_t input = 0; input < l.inputs; ++input, x += row, weights += kTaps * kLanes) {
      Value taps[kTaps];
#pragma GCC unroll 3
      for (int tap = 0; tap < kTaps; ++tap) load_vector(weights + tap * kLanes, taps[tap]);
#pragma GCC unroll 16
      for (int i = 0; i < kVoxels + kTaps - 1; ++i) {
        Value read;
        broadcast(x[i], read);
#pragma GCC unroll 3
        for (int tap = 0; tap < kTaps; ++tap)
          if (i >= tap && i - tap < kVoxels) sums[i - tap] += taps[tap] * read;
      }
    }
#pragma GCC unroll 16
    for (int voxel = 0; voxel < kVoxels; ++voxel) store_vector(sums[voxel], to + voxel * kLanes);
  }
}

// Where the outputs of a tile go, of which some may lie behind the end of y.
struct Outputs {
  float* y;
  std::int64_t plane_floats, row_floats, planes, rows, voxels;
  const float* bias;
  float slope;
  bool is_pooled;       // y and its distances are those of the pooled tensor
  std::uint8_t* index;  // of y; null: none
};

// Registers hold a tile that is written as a whole.
template <int kLanes, bool kIsWhole, bool kHasRelu>
LUCID_INLINE void write_outputs(const Outputs& o, const float* products) {
  using Value = Floats<kLanes>;
  const std::int64_t planes = kIsWhole ? kSide : o.planes, rows = kIsWhole ? kSide : o.rows;
  Value bias;
  load_vector(o.bias, bias);
  for (std::int64_t voxel = 0; voxel < o.voxels; ++voxel, products += kLanes) {
    Value half[kSide][kReadSide];
#pragma GCC unroll 6
    for (std::int64_t h = 0; h < kReadSide; ++h) {
      Value column[kReadSide], sums[kSide];
#pragma GCC unroll 6
      for (std::int64_t d = 0; d < kReadSide; ++d)
        load_vector(products + (d * kReadSide + h) * kVoxels * kLanes, column[d]);
      winograd::inverse_transform(column, sums);
#pragma GCC unroll 6
      for (std::int64_t d = 0; d < kSide; ++d) half[d][h] = sums[d];
    }
#pragma GCC unroll 6
    for (std::int64_t d = 0; d < planes; ++d) {
      Value values[kSide];
      winograd::inverse_transform(half[d], values);
      float* to = o.y + d * o.plane_floats + voxel * kLanes;
#pragma GCC unroll 6
      for (std::int64_t h = 0; h < rows; ++h, to += o.row_floats) {
        const Value value = values[h] + bias;
        if constexpr (kHasRelu)
          store_leaky_relu<kLanes>(value, o.slope, to);
        else
          store_vector(value, to);
      }
    }
  }
}

// Two voxels of all rows at a time are transformed as they would be written, to a place in the
// first cache; rows behind the end are in no window.
template <int kLanes, bool kHasRelu>
LUCID_INLINE void pool_outputs(const Outputs& o, const float* products) {
  constexpr std::int64_t kRow = 2 * kLanes, kPlane = kSide * kRow;
  alignas(64) float voxels[kSide * kPlane];
  const Outputs pair{voxels, kPlane, kRow, kSide, kSide, 2, o.bias, o.slope, false, nullptr};
  for (std::int64_t voxel = 0; voxel < o.voxels; voxel += 2) {
    write_outputs<kLanes, true, kHasRelu>(pair, products + voxel * kLanes);
    const std::int64_t at = voxel / 2 * kLanes;
    pool_pairs<kLanes, float>(
        voxels, {kPlane, kRow, kLanes},
        {o.y + at, o.index == nullptr ? nullptr : o.index + at, o.plane_floats, o.row_floats,
         kLanes, o.planes / 2, o.rows / 2, 1, kHasRelu ? 1.F : o.slope});
  }
}

template <int kLanes>
LUCID_INLINE void compute(const FirstLayer& l, const float* x, const float* weights,
                          const Outputs& o, float* made) {
  products<kLanes>(l, x, weights, made);
  if (o.is_pooled && pooling_applies<float>(o.slope)) return pool_outputs<kLanes, false>(o, made);
  if (o.is_pooled) return pool_outputs<kLanes, true>(o, made);
  const bool is_whole = o.planes == kSide && o.rows == kSide, has_relu = o.slope != 1.F;
  if (is_whole && has_relu) return write_outputs<kLanes, true, true>(o, made);
  if (is_whole) return write_outputs<kLanes, true, false>(o, made);
  if (has_relu) return write_outputs<kLanes, false, true>(o, made);
  write_outputs<kLanes, false, false>(o, made);
}

LUCID_CLONED(void, compute_16,
             (const FirstLayer& l, const float* x, const float* weights, const Outputs& outputs,
              float* made),
             (l, x, weights, outputs, made)) {
  compute<16>(l, x, weights, outputs, made);
}

LUCID_CLONED(void, compute_8,
             (const FirstLayer& l, const float* x, const float* weights, const Outputs& outputs,
              float* made),
             (l, x, weights, outputs, made)) {
  compute<8>(l, x, weights, outputs, made);
}

// `all` has the whole tensor that is written, and the epilogue.
void compute_tile(const FirstLayer& l, const TilePlace& tile, const float* weights,
                  const Outputs& all, const Workspace& parts) {
  constexpr std::int64_t kMostLanes = 16;
  const std::int64_t step = all.is_pooled ? 2 : 1;  // outputs for a written voxel along an axis
  Outputs o = all;
  o.row_floats = l.output[2] / step * l.lanes;
  o.plane_floats = l.output[1] / step * o.row_floats;
  o.planes = std::min(kSide, l.output[0] - tile.d);
  o.rows = std::min(kSide, l.output[1] - tile.h);
  const auto compute = l.lanes == kMostLanes ? compute_16 : compute_8;
  for (std::int64_t block = 0; block < l.blocks(); ++block) {
    float block_bias[kMostLanes] = {};
    const std::int64_t first = block * l.lanes;
    if (all.bias != nullptr)
      std::copy_n(all.bias + first, std::min(l.lanes, l.outputs - first), block_bias);
    o.bias = block_bias;
    const std::int64_t to =
        (tile.sample * l.blocks() + block) * l.output[0] / step * o.plane_floats +
        tile.d / step * o.plane_floats + tile.h / step * o.row_floats;
    for (std::int64_t w = 0; w < l.output[2]; w += kVoxels) {
      o.y = all.y + to + w / step * l.lanes;
      if (all.index != nullptr) o.index = all.index + to + w / step * l.lanes;
      o.voxels = std::min<std::int64_t>(kVoxels, l.output[2] - w);
      compute(l, parts.first_read(l) + w, weights + block * kElements * l.inputs * kTaps * l.lanes,
              o, parts.products);
    }
  }
}

void compute_tiles(const FirstLayer& l, int threads, const float* x, const float* weights,
                   const Outputs& to, float* workspace) {
  const std::int64_t tiles = tile_count(l);
  parallel_for(threads, [&](std::int64_t thread) {
    float* const floats = workspace + thread * l.thread_floats();
    clear(l, floats);
    const Workspace parts(l, floats);
    for (std::int64_t i = tiles * thread / threads; i < tiles * (thread + 1) / threads; ++i) {
      const TilePlace tile(l, i);
      transform_x(l, tile, Purpose::kOutputs, x, parts);
      compute_tile(l, tile, weights, to, parts);
    }
  });
}

}  // namespace

std::int64_t FirstLayer::weight_floats() const {
  return blocks() * kElements * inputs * kTaps * lanes;
}

std::int64_t FirstLayer::thread_floats() const {
  return Workspace::x_floats(*this) + Workspace::zero_floats(*this) +
         Workspace::product_floats(*this);
}

void transform_first_layer(const FirstLayer& l, const float* weights, float* transformed) {
  const auto place = [&](std::int64_t output, std::int64_t element, std::int64_t input,
                         std::int64_t tap) {
    return (((output / l.lanes * kElements + element) * l.inputs + input) * kTaps + tap) * l.lanes +
           output % l.lanes;
  };
  std::fill_n(transformed, l.weight_floats(), 0.F);
  for (std::int64_t output = 0; output < l.outputs; ++output)
    for (std::int64_t input = 0; input < l.inputs; ++input)
      for (std::int64_t tap = 0; tap < kTaps; ++tap) {
        const float* from = weights + (output * l.inputs + input) * kAllTaps + tap;
        float half[kReadSide][kTaps];
        for (std::int64_t h = 0; h < kTaps; ++h) {
          const float column[kTaps] = {from[h * kTaps], from[(kTaps + h) * kTaps],
                                       from[(2 * kTaps + h) * kTaps]};
          float made[kReadSide];
          winograd::transform(column, made);
          for (std::int64_t d = 0; d < kReadSide; ++d) half[d][h] = made[d];
        }
        for (std::int64_t d = 0; d < kReadSide; ++d) {
          float made[kReadSide];
          winograd::transform(half[d], made);
          for (std::int64_t h = 0; h < kReadSide; ++h)
            transformed[place(output, d * kReadSide + h, input, tap)] = made[h];
        }
      }
}

void first_layer_forward(const FirstLayer& l, int threads, const float* x, const float* weights,
                         const float* bias, float slope, float* y, float* workspace) {
  Outputs to{};
  to.y = y;
  to.bias = bias;
  to.slope = slope;
  compute_tiles(l, threads, x, weights, to, workspace);
}

void first_layer_pooled(const FirstLayer& l, int threads, const float* x, const float* weights,
                        const float* bias, float slope, float* y, std::uint8_t* index,
                        float* workspace) {
  Outputs to{};
  to.y = y;
  to.bias = bias;
  to.slope = slope;
  to.is_pooled = true;
  to.index = index;
  compute_tiles(l, threads, x, weights, to, workspace);
}

}  // namespace lucid
