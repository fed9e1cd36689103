#include "kernels/convolution/first_layer.h"

#include "kernels/convolution/first_layer_tiles.h"
#include "kernels/pool/pair_tile.h"
#include "kernels/simd/epilogue.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

using namespace first_layer;

// Where the outputs of a tile go, of which some may lie behind the end of y.
struct Outputs {
  float* y;
  std::int64_t plane_floats, row_floats, planes, rows, voxels;
  std::int64_t step;  // floats from one element of the products to the next
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
        load_vector(products + (d * kReadSide + h) * o.step, column[d]);
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
  const Outputs pair{voxels, kPlane, kRow,    kSide, kSide,  2,
                     o.step, o.bias, o.slope, false, nullptr};
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
LUCID_INLINE void write(const Outputs& o, const float* products) {
  if (o.is_pooled && pooling_applies<float>(o.slope))
    return pool_outputs<kLanes, false>(o, products);
  if (o.is_pooled) return pool_outputs<kLanes, true>(o, products);
  const bool is_whole = o.planes == kSide && o.rows == kSide, has_relu = o.slope != 1.F;
  if (is_whole && has_relu) return write_outputs<kLanes, true, true>(o, products);
  if (is_whole) return write_outputs<kLanes, true, false>(o, products);
  if (has_relu) return write_outputs<kLanes, false, true>(o, products);
  write_outputs<kLanes, false, false>(o, products);
}

LUCID_CLONED(void, write_16, (const Outputs& outputs, const float* products), (outputs, products)) {
  write<16>(outputs, products);
}

LUCID_CLONED(void, write_8, (const Outputs& outputs, const float* products), (outputs, products)) {
  write<8>(outputs, products);
}

// Registers of AVX2 hold few voxels, so that it takes two pieces of a row while the weights of an
// element are in the first cache. Pooling takes pairs of voxels.
std::int64_t pieces_of(const FirstLayer& l, const ProductKernel& kernel, bool is_pooled) {
  const bool takes_two = l.lanes == 8 || (is_pooled && kernel.voxels % 2 == 1);
  return std::min<std::int64_t>(takes_two ? 2 : 1,
                                (l.output[2] + kernel.voxels - 1) / kernel.voxels);
}

// `all` has the whole tensor that is written, and the epilogue.
void compute_tile(const FirstLayer& l, const TilePlace& tile, const TileChannels& channels,
                  const float* weights, const Outputs& all, const Workspace& parts) {
  constexpr std::int64_t kMostLanes = 16;
  const ProductKernel& kernel = *product_kernel(l);
  ProductRun run{&channels, l.channels(), nullptr, row_floats(l), nullptr, 0, parts.products, 0};
  run.pieces = pieces_of(l, kernel, all.is_pooled);
  const std::int64_t voxels = run.pieces * kernel.voxels;
  run.to_voxels = voxels | 1;  // a power of two of lines would take few sets of the first cache
  const std::int64_t side = all.is_pooled ? 2 : 1;  // outputs for a written voxel along an axis
  Outputs o = all;
  o.row_floats = l.output[2] / side * l.lanes;
  o.plane_floats = l.output[1] / side * o.row_floats;
  o.planes = tile.planes;
  o.rows = tile.rows;
  o.step = run.to_voxels * l.lanes;
  const auto write = l.lanes == kMostLanes ? write_16 : write_8;
  for (std::int64_t block = 0; block < l.blocks(); ++block) {
    float block_bias[kMostLanes] = {};
    const std::int64_t first = block * l.lanes;
    if (all.bias != nullptr)
      std::copy_n(all.bias + first, std::min(l.lanes, l.outputs - first), block_bias);
    o.bias = block_bias;
    run.weights = weights + block * kElements * l.channels() * l.kernel[2] * l.lanes;
    const std::int64_t to =
        (tile.sample * l.blocks() + block) * l.output[0] / side * o.plane_floats +
        tile.d / side * o.plane_floats + tile.h / side * o.row_floats;
    for (std::int64_t w = 0; w < l.output[2]; w += voxels) {
      run.x = parts.first_read(l) + w * l.stride[2];
      kernel.run(run);
      o.y = all.y + to + w / side * l.lanes;
      if (all.index != nullptr) o.index = all.index + to + w / side * l.lanes;
      o.voxels = std::min(voxels, l.output[2] - w);
      write(o, parts.products);
    }
  }
}

void compute_tiles(const FirstLayer& l, int threads, const float* x, const float* weights,
                   const Outputs& to, float* workspace) {
  const std::int64_t tiles = tile_count(l);
  const KindsOfTiles kinds(l);
  parallel_for(threads, [&](std::int64_t thread) {
    float* const floats = workspace + thread * l.thread_floats();
    clear(l, floats);
    const Workspace parts(l, floats);
    for (std::int64_t i = tiles * thread / threads; i < tiles * (thread + 1) / threads; ++i) {
      const TilePlace tile(l, i);
      transform_x(l, tile, Purpose::kOutputs, x, parts);
      compute_tile(l, tile, kinds.channels(tile), weights, to, parts);
    }
  });
}

}  // namespace

bool FirstLayer::is_possible() const {
  for (std::size_t axis = 0; axis < 2; ++axis)
    if (kernel[axis] < stride[axis] || kernel[axis] > kTaps * stride[axis]) return false;
  return channels() <= kMostChannels && product_kernel(*this) != nullptr;
}

std::int64_t FirstLayer::weight_floats() const {
  return blocks() * kElements * channels() * kernel[2] * lanes;
}

std::int64_t FirstLayer::thread_floats() const {
  return Workspace::x_floats(*this) + Workspace::zero_floats(*this) +
         Workspace::product_floats(*this);
}

double FirstLayer::share_of_products() const {
  std::int64_t products = 0;
  for (std::int64_t channel = 0; channel < channels(); ++channel) {
    std::int64_t points[2];
    for (int axis = 0; axis < 2; ++axis) {
      const std::int64_t rows = output[static_cast<std::size_t>(axis)], last = rows % kSide;
      points[axis] = rows / kSide * points_of(*this, channel, axis, kSide);
      if (last > 0) points[axis] += points_of(*this, channel, axis, last);
    }
    products += points[0] * points[1];
  }
  const std::int64_t piece = product_kernel(*this)->voxels;
  const std::int64_t voxels = (output[2] + piece - 1) / piece * piece;
  const std::int64_t direct = output[0] * output[1] * output[2] * inputs * kernel_rows();
  return static_cast<double>(products * voxels) / static_cast<double>(direct);
}

void transform_first_layer(const FirstLayer& l, const float* weights, float* transformed) {
  const std::int64_t width = l.kernel[2], all_taps = l.kernel[0] * l.kernel[1] * width;
  std::fill_n(transformed, l.weight_floats(), 0.F);
  for (std::int64_t output = 0; output < l.outputs; ++output)
    for (std::int64_t channel = 0; channel < l.channels(); ++channel)
      for (std::int64_t tap = 0; tap < width; ++tap) {
        const float* from = weights + (output * l.inputs + channel / l.phases()) * all_taps + tap;
        const auto weight_at = [&](std::int64_t i, std::int64_t j) {
          const std::int64_t d = i * l.stride[0] + phase_of(l, channel, 0);
          const std::int64_t h = j * l.stride[1] + phase_of(l, channel, 1);
          const bool is_within = d < l.kernel[0] && h < l.kernel[1];
          return is_within ? from[(d * l.kernel[1] + h) * width] : 0.F;
        };
        float half[kReadSide][kTaps], elements[kReadSide];
        for (std::int64_t h = 0; h < kTaps; ++h) {
          const float column[kTaps] = {weight_at(0, h), weight_at(1, h), weight_at(2, h)};
          winograd::transform(column, elements);
          for (std::int64_t d = 0; d < kReadSide; ++d) half[d][h] = elements[d];
        }
        for (std::int64_t d = 0; d < kReadSide; ++d) {
          winograd::transform(half[d], elements);
          for (std::int64_t h = 0; h < kReadSide; ++h) {
            const std::int64_t row = output / l.lanes * kElements + d * kReadSide + h;
            transformed[((row * l.channels() + channel) * width + tap) * l.lanes +
                        output % l.lanes] = elements[h];
          }
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
