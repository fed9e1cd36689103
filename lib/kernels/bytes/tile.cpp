#include "kernels/bytes/tile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#ifdef __AVX512VNNI__
#include <immintrin.h>
#endif

// GCC 12 takes the undefined vectors of its own intrinsics for ours.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace lucid::bytes {
namespace {

constexpr int kAnyStep = 0;     // voxels lie as far apart as the arguments say
constexpr int kBlockStep = 16;  // ... or side by side in blocks of channels: a constant is faster

constexpr float kLastByte = 255;

#ifdef __AVX512VNNI__

template <int kBlocks, int kVoxels, int kStep>
void add_products(const TileArguments& a, __m512i (&sums)[kBlocks][kVoxels]) {
  const std::int64_t step = kStep == kAnyStep ? a.voxel_bytes : kStep;
  const std::int8_t* w = a.weights;
  for (std::int64_t s = 0; s < a.segment_count; ++s) {
    const std::uint8_t* x = a.segments[s] + a.offset;
    for (std::int64_t quad = 0; quad < a.quads; ++quad, x += kQuad, w += kLanes * kQuad) {
      __m512i weights[kBlocks];
      for (int b = 0; b < kBlocks; ++b) weights[b] = _mm512_loadu_si512(w + b * a.weights_block);
      for (int v = 0; v < kVoxels; ++v) {
        std::int32_t inputs;
        std::memcpy(&inputs, x + v * step, sizeof inputs);
        const __m512i values = _mm512_set1_epi32(inputs);
        for (int b = 0; b < kBlocks; ++b)
          sums[b][v] = _mm512_dpbusd_epi32(sums[b][v], values, weights[b]);
      }
    }
  }
}

__m512 bent(__m512 y, __m512 slope) {
  return _mm512_mask_mul_ps(y, _mm512_cmp_ps_mask(y, _mm512_setzero_ps(), _CMP_LT_OQ), y, slope);
}

// What the outputs of one block have in common.
struct Finish {
  __m512 scale, bias, slope;
  __mmask16 lanes;

  Finish(const TileArguments& a, int block, int blocks)
      : scale(_mm512_loadu_ps(a.scale + block * kLanes)),
        bias(a.bias == nullptr ? _mm512_setzero_ps() : _mm512_loadu_ps(a.bias + block * kLanes)),
        slope(_mm512_set1_ps(a.slope)),
        lanes(static_cast<__mmask16>(block + 1 == blocks ? a.last_lanes : 0xffffU)) {}

  __m512 operator()(__m512i sum) const {
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), scale, bias);
  }
};

template <int kBlocks, int kVoxels>
void store_floats(const TileArguments& a, const __m512i (&sums)[kBlocks][kVoxels]) {
  for (int b = 0; b < kBlocks; ++b) {
    const Finish finish(a, b, kBlocks);
    float* const y = a.y_floats + b * a.y_block;
    for (int v = 0; v < kVoxels; ++v)
      _mm512_mask_storeu_ps(y + v * a.y_voxel, finish.lanes,
                            bent(finish(sums[b][v]), finish.slope));
  }
}

// A ReLU leaves nothing below the byte of 0: with the zero in the bias, it costs nothing.
template <int kBlocks, int kVoxels, bool kIsBent>
void store_bytes(const TileArguments& a, const __m512i (&sums)[kBlocks][kVoxels]) {
  const __m512 zero = _mm512_set1_ps(static_cast<float>(a.zero));
  const __m512 low = !kIsBent && a.slope == 0 ? zero : _mm512_setzero_ps();
  const __m512 high = _mm512_set1_ps(kLastByte);
  for (int b = 0; b < kBlocks; ++b) {
    Finish finish(a, b, kBlocks);
    if (!kIsBent) finish.bias = _mm512_add_ps(finish.bias, zero);
    std::uint8_t* const y = a.y_bytes + b * a.y_block;
    for (int v = 0; v < kVoxels; ++v) {
      __m512 place = finish(sums[b][v]);
      if (kIsBent) place = _mm512_add_ps(bent(place, finish.slope), zero);
      const __m512i byte = _mm512_cvtps_epi32(_mm512_min_ps(_mm512_max_ps(place, low), high));
      _mm_mask_storeu_epi8(y + v * a.y_voxel, finish.lanes, _mm512_cvtepi32_epi8(byte));
    }
  }
}

template <int kBlocks, int kVoxels, int kStep>
void tile(const TileArguments& a) {
  __m512i sums[kBlocks][kVoxels];
  for (int b = 0; b < kBlocks; ++b)
    for (int v = 0; v < kVoxels; ++v) sums[b][v] = _mm512_loadu_si512(a.start + b * kLanes);
  add_products<kBlocks, kVoxels, kStep>(a, sums);
  if (a.y_floats != nullptr)
    store_floats(a, sums);
  else if (a.slope == 0 || a.slope == 1)
    store_bytes<kBlocks, kVoxels, false>(a, sums);
  else
    store_bytes<kBlocks, kVoxels, true>(a, sums);
}

#else

// Never chosen on processors without the instructions; other machines compile it in their place.
void store(const TileArguments& a, float sum, int block, int lane, std::int64_t at) {
  const bool is_bent = a.slope != 0 && a.slope != 1;
  const auto zero = a.y_floats == nullptr ? static_cast<float>(a.zero) : 0.F;
  const float bias = a.bias == nullptr ? 0.F : a.bias[block * kLanes + lane];
  float y = std::fma(sum, a.scale[block * kLanes + lane], is_bent ? bias : bias + zero);
  if (is_bent || a.y_floats != nullptr) y = (y < 0 ? y * a.slope : y) + (is_bent ? zero : 0.F);
  if (a.y_floats != nullptr)
    a.y_floats[at] = y;
  else
    a.y_bytes[at] = static_cast<std::uint8_t>(
        std::nearbyint(std::clamp(y, a.slope == 0 ? zero : 0.F, kLastByte)));
}

template <int kBlocks, int kVoxels, int kStep>
void tile(const TileArguments& a) {
  for (int b = 0; b < kBlocks; ++b)
    for (int v = 0; v < kVoxels; ++v)
      for (int lane = 0; lane < kLanes; ++lane) {
        if (b + 1 == kBlocks && (a.last_lanes >> lane & 1U) == 0) continue;
        std::int32_t sum = a.start[b * kLanes + lane];
        const std::int8_t* w = a.weights + b * a.weights_block + lane * kQuad;
        for (std::int64_t s = 0; s < a.segment_count; ++s)
          for (std::int64_t i = 0; i < a.quads * kQuad; ++i)
            sum += a.segments[s][a.offset + v * a.voxel_bytes + i] *
                   w[(s * a.quads + i / kQuad) * kLanes * kQuad + i % kQuad];
        store(a, static_cast<float>(sum), b, lane, b * a.y_block + v * a.y_voxel + lane);
      }
}

#endif

template <int kBlocks, int kStep, std::size_t... kIndex>
constexpr std::array<Tile, sizeof...(kIndex)> tiles(std::index_sequence<kIndex...>) {
  return {tile<kBlocks, static_cast<int>(kIndex) + 1, kStep>...};
}

template <int kStep>
Tile tile_with_step(std::int64_t blocks, std::int64_t voxels) {
  constexpr auto kCounts = std::make_index_sequence<kMostVoxels>();
  static constexpr auto kOne = tiles<1, kStep>(kCounts), kTwo = tiles<2, kStep>(kCounts);
  return (blocks == 1 ? kOne : kTwo)[static_cast<std::size_t>(voxels - 1)];
}

}  // namespace

Tile tile_of(std::int64_t blocks, std::int64_t voxels, std::int64_t voxel_bytes) {
  return voxel_bytes == kBlockStep ? tile_with_step<kBlockStep>(blocks, voxels)
                                   : tile_with_step<kAnyStep>(blocks, voxels);
}

}  // namespace lucid::bytes
