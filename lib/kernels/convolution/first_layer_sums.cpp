#include "kernels/convolution/first_layer_tiles.h"

namespace lucid::first_layer {
namespace {

// Voxels of dy that registers hold at a time.
constexpr int kPair = 2;

// Adds the products of the next `kVoxels` voxels. The voxels of a pair have sums of their own where
// there are few, so that additions do not wait for one another.
template <int kLanes, int kVoxels, int kSets, int kChannels, int kWidth, int kStride>
LUCID_INLINE void add_voxels(const float* const (&x)[kChannels], std::int64_t voxel,
                             const float* dy, Floats<kLanes> (&sums)[kSets][kChannels][kWidth]) {
  constexpr int kColumns = (kVoxels - 1) * kStride + kWidth;
  Floats<kLanes> gradients[kVoxels];
#pragma GCC unroll 2
  for (int v = 0; v < kVoxels; ++v) load_vector(dy + v * kLanes, gradients[v]);
#pragma GCC unroll 4
  for (int channel = 0; channel < kChannels; ++channel)
#pragma GCC unroll 8
    for (int i = 0; i < kColumns; ++i) {
      Floats<kLanes> read;
      broadcast(x[channel][voxel * kStride + i], read);
#pragma GCC unroll 2
      for (int v = 0; v < kVoxels; ++v)
        if (i >= v * kStride && i - v * kStride < kWidth)
          sums[v % kSets][channel][i - v * kStride] += gradients[v] * read;
    }
}

// The products of some channels with the voxels of a row, of one element.
template <int kLanes, int kChannels, int kWidth, int kStride>
LUCID_INLINE void add_channels(const SumRun& r, const float* x, const int* channels,
                               const float* dy, float* to) {
  // 12 sums leave room in AVX2's registers.
  constexpr int kSets = kChannels * kWidth * kPair <= 12 ? kPair : 1;
  Floats<kLanes> sums[kSets][kChannels][kWidth] = {};
  const float* rows[kChannels];
#pragma GCC unroll 4
  for (int i = 0; i < kChannels; ++i) rows[i] = x + channels[i] * r.row;
  std::int64_t voxel = 0;
  for (; voxel + kPair <= r.voxels; voxel += kPair)
    add_voxels<kLanes, kPair, kSets, kChannels, kWidth, kStride>(rows, voxel, dy + voxel * kLanes,
                                                                 sums);
  if (voxel < r.voxels)
    add_voxels<kLanes, 1, kSets, kChannels, kWidth, kStride>(rows, voxel, dy + voxel * kLanes,
                                                             sums);
#pragma GCC unroll 4
  for (int channel = 0; channel < kChannels; ++channel)
#pragma GCC unroll 6
    for (int tap = 0; tap < kWidth; ++tap) {
      Floats<kLanes> before;
      float* const at = to + (channels[channel] * kWidth + tap) * kLanes;
      load_vector(at, before);
      before += sums[0][channel][tap];
      if constexpr (kSets == kPair) before += sums[1][channel][tap];
      store_vector(before, at);
    }
}

// As many channels at a time as there are registers for their sums.
template <int kLanes, int kWidth, int kStride>
LUCID_INLINE void add_element(const SumRun& r, const ElementChannels& from, const float* x,
                              const float* dy, float* to) {
  constexpr int kMost = kLanes == 16 ? 4 : 12 / kWidth;
  const int* channels = from.channels.data();
  int left = from.count;
  for (; left >= kMost; left -= kMost, channels += kMost)
    add_channels<kLanes, kMost, kWidth, kStride>(r, x, channels, dy, to);
  if constexpr (kMost > 3)
    if (left == 3) return add_channels<kLanes, 3, kWidth, kStride>(r, x, channels, dy, to);
  if constexpr (kMost > 2)
    if (left == 2) return add_channels<kLanes, 2, kWidth, kStride>(r, x, channels, dy, to);
  if (left == 1) add_channels<kLanes, 1, kWidth, kStride>(r, x, channels, dy, to);
}

template <int kLanes, int kWidth, int kStride>
LUCID_INLINE void add_elements(const SumRun& r) {
  const float *x = r.x, *dy = r.dy;
  float* to = r.sums;
  for (const ElementChannels& channels : *r.channels) {
    add_element<kLanes, kWidth, kStride>(r, channels, x, dy, to);
    x += r.all_channels * r.row;
    dy += r.dy_voxels * kLanes;
    to += r.all_channels * kWidth * kLanes;
  }
}

template <int kWidth, int kStride>
LUCID_FOR("avx512f,avx512bw,avx512dq,avx512vl,fma")
void add_by_avx512(const SumRun& r) {
  add_elements<16, kWidth, kStride>(r);
}

template <int kWidth, int kStride>
LUCID_FOR("avx2,fma")
void add_by_avx2(const SumRun& r) {
  add_elements<8, kWidth, kStride>(r);
}

struct SumKernel {
  std::int64_t lanes, taps, stride;
  void (*run)(const SumRun&);
};

constexpr std::array kKernels = {
    SumKernel{16, 3, 1, add_by_avx512<3, 1>}, SumKernel{16, 3, 2, add_by_avx512<3, 2>},
    SumKernel{16, 4, 2, add_by_avx512<4, 2>}, SumKernel{16, 5, 2, add_by_avx512<5, 2>},
    SumKernel{16, 6, 2, add_by_avx512<6, 2>}, SumKernel{8, 3, 1, add_by_avx2<3, 1>},
    SumKernel{8, 3, 2, add_by_avx2<3, 2>},    SumKernel{8, 4, 2, add_by_avx2<4, 2>},
    SumKernel{8, 5, 2, add_by_avx2<5, 2>},    SumKernel{8, 6, 2, add_by_avx2<6, 2>}};

}  // namespace

void add_products(const FirstLayer& l, const SumRun& run) {
  for (const SumKernel& kernel : kKernels)
    if (kernel.lanes == l.lanes && kernel.taps == l.kernel[2] && kernel.stride == l.stride[2])
      return kernel.run(run);
}

}  // namespace lucid::first_layer
