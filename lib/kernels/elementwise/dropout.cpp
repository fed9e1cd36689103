#include "kernels/elementwise/dropout.h"

#include <cmath>

#include "base/rng.h"
#include "kernels/layout/row_pattern.h"
#include "kernels/simd/clones.h"

namespace lucid {
namespace {

// Values with a number below the threshold, of 2^32, are dropped.
struct Chance {
  std::uint32_t threshold;
  float scale;  // of what is kept
};

Chance chance_of(double p) {
  if (p >= 1) return {0, 0.F};
  return {static_cast<std::uint32_t>(std::min(std::round(p * 0x1p32), 0x1p32 - 1)),
          static_cast<float>(1 / (1 - p))};
}

// Two words of a channel's own, by the float of a row, and which voxel of the row the float is of.
struct Keys {
  Pattern<std::uint32_t> first, second, voxel;

  Keys(const Panels& panels, const Piece& piece, std::uint64_t key) {
    for (std::int64_t lane = 0; lane < piece.lanes; ++lane) {
      const std::int64_t channel = piece.panel * panels.width + lane;
      const auto index = static_cast<std::uint64_t>(piece.sample * panels.channels + channel);
      const std::uint64_t word = mixed(key ^ mixed(index));
      first[static_cast<std::size_t>(lane)] = static_cast<std::uint32_t>(word);
      second[static_cast<std::size_t>(lane)] = static_cast<std::uint32_t>(word >> 32);
    }
    repeat(piece, first);
    repeat(piece, second);
    for (std::int64_t i = 0; i < piece.rows.length; ++i)
      voxel[static_cast<std::size_t>(i)] = static_cast<std::uint32_t>(i / piece.lanes);
  }
};

LUCID_CLONED(void, drop_rows,
             (const Rows& rows, Chance chance, const std::uint32_t* first,
              const std::uint32_t* second, const std::uint32_t* voxel, std::uint32_t row_voxel,
              std::uint32_t voxels_of_row, const float* x, float* y),
             (rows, chance, first, second, voxel, row_voxel, voxels_of_row, x, y)) {
  for (std::int64_t row = 0; row < rows.count; ++row, x += rows.step, y += rows.step) {
    const std::int64_t length = rows.length_of(row);
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i) {
      // A multiply-xorshift hash of the voxel's number (after Wellons' prospector) whose second
      // half has a key, too.
      std::uint32_t h = voxel[i] + row_voxel + first[i];
      h = (h ^ (h >> 16)) * 0x7feb352dU;
      h = ((h ^ (h >> 15)) ^ second[i]) * 0x846ca68bU;
      h ^= h >> 16;
      y[i] = x[i] * (h < chance.threshold ? 0.F : chance.scale);
    }
    row_voxel += voxels_of_row;
  }
}

LUCID_CLONED(void, multiply_rows, (const Rows& rows, const float* factor, const float* x, float* y),
             (rows, factor, x, y)) {
  for (std::int64_t row = 0; row < rows.count; ++row, x += rows.step, y += rows.step) {
    const std::int64_t length = rows.length_of(row);
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i) y[i] = x[i] * factor[i];
  }
}

}  // namespace

void drop(const Dropout& dropout, std::uint64_t key, const float* x, float* y) {
  const Chance chance = chance_of(dropout.p);
  for_each_piece(Pieces(dropout.panels), [&](const Piece& piece) {
    const Keys keys(dropout.panels, piece, key);
    if (dropout.unit == DropUnit::kChannel) {
      Pattern<float> factor;
      for (std::int64_t i = 0; i < piece.rows.length; ++i) {
        const auto at = static_cast<std::size_t>(i);
        factor[at] = keys.first[at] < chance.threshold ? 0.F : chance.scale;
      }
      multiply_rows(piece.rows, factor.data(), x + piece.offset, y + piece.offset);
      return;
    }
    drop_rows(piece.rows, chance, keys.first.data(), keys.second.data(), keys.voxel.data(),
              static_cast<std::uint32_t>(piece.first_voxel),
              static_cast<std::uint32_t>(piece.voxels_of_row), x + piece.offset, y + piece.offset);
  });
}

}  // namespace lucid
