#include "kernels/convolution/winograd.h"

#include <algorithm>

#include "kernels/convolution/winograd_terms.h"
#include "kernels/simd/epilogue.h"
#include "tensor/parallel.h"

namespace lucid::winograd {
namespace {

// Of the tensor of one plane: voxels outside are zeros.
template <int kLanes, bool kIsInside>
LUCID_INLINE void load_voxel(const Planes& p, const float* plane, std::int64_t h, std::int64_t w,
                             Floats<kLanes>& to) {
  if (kIsInside || (h >= 0 && h < p.volume[1] && w >= 0 && w < p.volume[2]))
    load_lanes<kLanes>(plane + (h * p.volume[2] + w) * kLanes, to);
  else
    to = Floats<kLanes>{};
}

// The terms of a tile of kSide x kSide voxels; adds up the four rows of a gradient's.
template <int kLanes, std::int64_t kSide, bool kIsInside>
LUCID_INLINE void spread_tile(const Planes& p, const float* plane, std::int64_t h, std::int64_t w,
                              float* terms, Floats<kLanes>& sum) {
  using Value = Floats<kLanes>;
  Value rows[kSide][kReach];
  for (std::int64_t i = 0; i < kSide; ++i) {
    Value voxels[kSide];
    for (std::int64_t j = 0; j < kSide; ++j)
      load_voxel<kLanes, kIsInside>(p, plane, h + i, w + j, voxels[j]);
    terms_of(voxels, rows[i]);
    if constexpr (kSide == kTile) sum += rows[i][1];  // of the four
  }
  const std::int64_t stride = p.term_floats();
  for (std::int64_t j = 0; j < kReach; ++j) {
    Value column[kSide], of_tile[kReach];
    for (std::int64_t i = 0; i < kSide; ++i) column[i] = rows[i][j];
    terms_of(column, of_tile);
    for (std::int64_t i = 0; i < kReach; ++i)
      store_lanes<kLanes>(of_tile[i], terms + (i * kReach + j) * stride);
  }
}

// From a row of tiles on, among those of the planes.
template <int kLanes, std::int64_t kSide>
LUCID_INLINE void spread_plane(const Planes& p, std::int64_t first, const float* plane,
                               float* terms, float* sums) {
  terms += first * p.tiles_w * kLanes;
  for (std::int64_t i = first; i < p.tiles_h; ++i) {
    Floats<kLanes> sum{};
    const std::int64_t h = (p.first_row + i) * kTile - p.pad_h;
    const bool is_row_inside = h >= 0 && h + kSide <= p.volume[1];
    for (std::int64_t j = 0; j < p.tiles_w; ++j, terms += kLanes) {
      const std::int64_t w = j * kTile - p.pad_w;
      if (is_row_inside && w >= 0 && w + kSide <= p.volume[2])
        spread_tile<kLanes, kSide, true>(p, plane, h, w, terms, sum);
      else
        spread_tile<kLanes, kSide, false>(p, plane, h, w, terms, sum);
    }
    if constexpr (kSide == kTile) store_lanes<kLanes>(sum, sums + (p.first_row + i) * kLanes);
  }
}

template <int kLanes, bool kIsFinished>
LUCID_INLINE void gather_tile(const Planes& p, const float* terms, const Floats<kLanes>& bias,
                              float slope, std::int64_t h, std::int64_t w, float* plane) {
  using Value = Floats<kLanes>;
  const std::int64_t stride = p.term_floats();
  Value rows[kTile][kReach];
  for (std::int64_t j = 0; j < kReach; ++j) {
    Value column[kReach], sums[kTile];
    for (std::int64_t i = 0; i < kReach; ++i)
      load_lanes<kLanes>(terms + (i * kReach + j) * stride, column[i]);
    output_sums(column, sums);
    for (std::int64_t i = 0; i < kTile; ++i) rows[i][j] = sums[i];
  }
  for (std::int64_t i = 0; i < std::min(kTile, p.volume[1] - h); ++i) {
    Value voxels[kTile];
    output_sums(rows[i], voxels);
    float* to = plane + ((h + i) * p.volume[2] + w) * kLanes;
    for (std::int64_t j = 0; j < std::min(kTile, p.volume[2] - w); ++j) {
      const Value value = voxels[j] + bias;
      if constexpr (kIsFinished)
        store_finished<kLanes>(value, slope, to + j * kLanes);
      else
        store_lanes<kLanes>(value, to + j * kLanes);
    }
  }
}

template <int kLanes, bool kIsFinished>
LUCID_INLINE void gather_plane(const Planes& p, const float* terms, const float* bias, float slope,
                               float* plane) {
  Floats<kLanes> offset{};
  if (bias != nullptr) load_lanes<kLanes>(bias, offset);
  for (std::int64_t i = 0; i < p.tiles_h; ++i)
    for (std::int64_t j = 0; j < p.tiles_w; ++j, terms += kLanes)
      gather_tile<kLanes, kIsFinished>(p, terms, offset, slope, (p.first_row + i) * kTile,
                                       j * kTile, plane);
}

LUCID_CLONES void spread_inputs_16(const Planes& p, const float* plane, float* terms) {
  spread_plane<16, kReach>(p, 0, plane, terms, nullptr);
}
LUCID_CLONES void spread_inputs_8(const Planes& p, const float* plane, float* terms) {
  spread_plane<8, kReach>(p, 0, plane, terms, nullptr);
}
LUCID_CLONES void spread_gradients_16(const Planes& p, std::int64_t first, const float* plane,
                                      float* terms, float* sums) {
  spread_plane<16, kTile>(p, first, plane, terms, sums);
}
LUCID_CLONES void spread_gradients_8(const Planes& p, std::int64_t first, const float* plane,
                                     float* terms, float* sums) {
  spread_plane<8, kTile>(p, first, plane, terms, sums);
}
LUCID_CLONES void gather_16(const Planes& p, const float* terms, const float* bias, float slope,
                            float* plane) {
  if (slope == 1.F)
    gather_plane<16, false>(p, terms, bias, slope, plane);
  else
    gather_plane<16, true>(p, terms, bias, slope, plane);
}
LUCID_CLONES void gather_8(const Planes& p, const float* terms, const float* bias, float slope,
                           float* plane) {
  if (slope == 1.F)
    gather_plane<8, false>(p, terms, bias, slope, plane);
  else
    gather_plane<8, true>(p, terms, bias, slope, plane);
}

// Calls body(tensor's offset of the plane, terms' offset of the plane, block, number of the plane
// among those of all samples and blocks of the volume, depth in the volume).
template <class Body>
void for_planes(const Planes& p, const Body& body) {
  const std::int64_t voxels = p.volume[1] * p.volume[2] * p.lanes;
  parallel_for(p.samples * p.blocks * p.count, [&](std::int64_t i) {
    const std::int64_t plane = i % p.count, block = i / p.count % p.blocks;
    const std::int64_t sample = i / p.count / p.blocks, depth = p.begin + plane;
    const std::int64_t number = (sample * p.blocks + block) * p.volume[0] + depth;
    const std::int64_t terms =
        sample * kTerms * p.term_floats() + (block * p.count + plane) * p.tiles() * p.lanes;
    body(number * voxels, terms, block, number, depth);
  });
}

// Of the first rows of tiles of a plane.
void clear_terms(const Planes& p, std::int64_t rows, float* terms) {
  for (std::int64_t i = 0; i < kTerms; ++i)
    std::fill_n(terms + i * p.term_floats(), rows * p.tiles_w * p.lanes, 0.F);
}

}  // namespace

void spread_input(const Planes& p, const float* tensor, float* terms) {
  for_planes(
      p, [&](std::int64_t from, std::int64_t to, std::int64_t, std::int64_t, std::int64_t depth) {
        if (depth < 0 || depth >= p.volume[0])
          clear_terms(p, p.tiles_h, terms + to);
        else if (p.lanes == 16)
          spread_inputs_16(p, tensor + from, terms + to);
        else
          spread_inputs_8(p, tensor + from, terms + to);
      });
}

void spread_gradient(const Planes& p, const Counted& counted, const float* tensor, float* terms,
                     float* sums) {
  const std::int64_t rows = (p.volume[1] + kTile - 1) / kTile;
  const std::int64_t before = std::clamp<std::int64_t>(counted.row - p.first_row, 0, p.tiles_h);
  for_planes(p, [&](std::int64_t from, std::int64_t to, std::int64_t, std::int64_t number,
                    std::int64_t depth) {
    clear_terms(p, depth < counted.plane ? p.tiles_h : before, terms + to);
    if (depth < counted.plane) return;
    float* of_plane = sums + number * rows * p.lanes;
    (p.lanes == 16 ? spread_gradients_16 : spread_gradients_8)(p, before, tensor + from, terms + to,
                                                               of_plane);
  });
}

void gather_output(const Planes& p, const float* terms, const Finish& finish, float* tensor) {
  for_planes(
      p, [&](std::int64_t to, std::int64_t from, std::int64_t block, std::int64_t, std::int64_t) {
        const float* bias = finish.bias == nullptr ? nullptr : finish.bias + block * p.lanes;
        (p.lanes == 16 ? gather_16 : gather_8)(p, terms + from, bias, finish.slope, tensor + to);
      });
}

}  // namespace lucid::winograd
