#include "kernels/convolution/first_layer_tiles.h"

namespace lucid::first_layer {
namespace {

// One element and one piece of a row. Registers hold the sums, and each x that is read meets all
// taps that want it.
template <int kLanes, int kVoxels, int kWidth, int kStride>
LUCID_INLINE void add_piece(const ProductRun& r, const ElementChannels& from, const float* x,
                            const float* weights, float* to) {
  using Value = Floats<kLanes>;
  constexpr int kColumns = (kVoxels - 1) * kStride + kWidth;
  Value sums[kVoxels] = {};
  for (int n = 0; n < from.count; ++n) {
    const int channel = from.channels[static_cast<std::size_t>(n)];
    const float* const read_from = x + channel * r.row;
    Value taps[kWidth];
#pragma GCC unroll 6
    for (int tap = 0; tap < kWidth; ++tap)
      load_vector(weights + (channel * kWidth + tap) * kLanes, taps[tap]);
#pragma GCC unroll 40
    for (int i = 0; i < kColumns; ++i) {
      Value read;
      broadcast(read_from[i], read);
#pragma GCC unroll 6
      for (int tap = i % kStride; tap < kWidth; tap += kStride)
        if (i >= tap && i - tap < kVoxels * kStride) sums[(i - tap) / kStride] += taps[tap] * read;
    }
  }
#pragma GCC unroll 16
  for (int voxel = 0; voxel < kVoxels; ++voxel) store_vector(sums[voxel], to + voxel * kLanes);
}

template <int kLanes, int kVoxels, int kWidth, int kStride>
LUCID_INLINE void run_pieces(const ProductRun& r) {
  const float *x = r.x, *weights = r.weights;
  float* to = r.to;
  for (const ElementChannels& channels : *r.channels) {
    for (std::int64_t piece = 0; piece < r.pieces; ++piece)
      add_piece<kLanes, kVoxels, kWidth, kStride>(r, channels, x + piece * kVoxels * kStride,
                                                  weights, to + piece * kVoxels * kLanes);
    x += r.all_channels * r.row;
    weights += r.all_channels * kWidth * kLanes;
    to += r.to_voxels * kLanes;
  }
}

template <int kVoxels, int kWidth, int kStride>
LUCID_FOR("avx512f,avx512bw,avx512dq,avx512vl,fma")
void run_by_avx512(const ProductRun& r) {
  run_pieces<16, kVoxels, kWidth, kStride>(r);
}

template <int kVoxels, int kWidth, int kStride>
LUCID_FOR("avx2,fma")
void run_by_avx2(const ProductRun& r) {
  run_pieces<8, kVoxels, kWidth, kStride>(r);
}

template <int kVoxels, int kWidth, int kStride>
constexpr ProductKernel avx512() {
  return {16, kWidth, kStride, kVoxels, run_by_avx512<kVoxels, kWidth, kStride>};
}

template <int kVoxels, int kWidth, int kStride>
constexpr ProductKernel avx2() {
  return {8, kWidth, kStride, kVoxels, run_by_avx2<kVoxels, kWidth, kStride>};
}

// The most voxels first. 7 and 14 leave nothing over of rows of 28 and 14.
constexpr std::array kKernels = {
    avx512<16, 3, 1>(), avx512<14, 3, 1>(), avx512<8, 3, 1>(), avx512<7, 3, 1>(),
    avx512<16, 3, 2>(), avx512<14, 3, 2>(), avx512<8, 3, 2>(), avx512<7, 3, 2>(),
    avx512<16, 4, 2>(), avx512<14, 4, 2>(), avx512<8, 4, 2>(), avx512<7, 4, 2>(),
    avx512<16, 5, 2>(), avx512<14, 5, 2>(), avx512<8, 5, 2>(), avx512<7, 5, 2>(),
    avx512<16, 6, 2>(), avx512<14, 6, 2>(), avx512<8, 6, 2>(), avx512<7, 6, 2>(),
    avx2<8, 3, 1>(),    avx2<7, 3, 1>(),    avx2<8, 3, 2>(),   avx2<7, 3, 2>(),
    avx2<8, 4, 2>(),    avx2<7, 4, 2>(),    avx2<8, 5, 2>(),   avx2<7, 5, 2>(),
    avx2<8, 6, 2>(),    avx2<7, 6, 2>()};

}  // namespace

const ProductKernel* product_kernel(const FirstLayer& l) {
  const ProductKernel* best = nullptr;
  const auto computed = [&](const ProductKernel& kernel) {
    return (l.output[2] + kernel.voxels - 1) / kernel.voxels * kernel.voxels;
  };
  for (const ProductKernel& kernel : kKernels)
    if (kernel.lanes == l.lanes && kernel.taps == l.kernel[2] && kernel.stride == l.stride[2] &&
        (best == nullptr || computed(kernel) < computed(*best)))
      best = &kernel;
  return best;
}

}  // namespace lucid::first_layer
