#pragma once

#include <array>

#include "kernels/layout/panels.h"

// Values for each float of a row, and sums over rows.
namespace lucid {

// Holds a value for every float of a row.
template <class Number>
using Pattern = std::array<Number, Panels::kWidest>;

// Repeats the values of the first voxel to the end of the row.
template <class Number>
void repeat(const Piece& piece, Pattern<Number>& pattern) {
  for (std::int64_t have = piece.lanes; have < piece.rows.length; have *= 2)
    std::copy_n(pattern.begin(), std::min(have, piece.rows.length - have), pattern.begin() + have);
}

// Sums the floats of each lane of a row.
inline void fold(const Piece& piece, const Pattern<float>& pattern, Pattern<double>& sums) {
  const float* floats = pattern.data();
  if (piece.lanes == 1) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < piece.rows.length; ++i) sum += static_cast<double>(floats[i]);
    sums[0] = sum;
    return;
  }
  std::fill_n(sums.begin(), piece.lanes, 0.0);
  for (std::int64_t i = 0; i < piece.rows.length; i += piece.lanes)
    for (std::int64_t lane = 0; lane < piece.lanes; ++lane)
      sums[static_cast<std::size_t>(lane)] += static_cast<double>(floats[i + lane]);
}

// Calls body(block, offset, voxels) for the blocks of a piece: rows, where they begin in the
// tensor, and how many voxels they hold. A block is what floats add up before a double takes over.
template <class Body>
void for_each_block(const Piece& piece, const Body& body) {
  constexpr std::int64_t kRowsOfBlock = 32;
  const Rows& rows = piece.rows;
  for (std::int64_t row = 0; row < rows.count; row += kRowsOfBlock) {
    Rows block = rows;
    block.count = std::min(kRowsOfBlock, rows.count - row);
    if (row + block.count < rows.count) block.last_length = rows.length;
    const std::int64_t floats = (block.count - 1) * block.length + block.last_length;
    body(block, piece.offset + row * rows.step, floats / piece.lanes);
  }
}

}  // namespace lucid
