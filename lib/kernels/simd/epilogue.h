#pragma once

#include "kernels/simd/clones.h"
#include "kernels/simd/vector.h"

namespace lucid {

// Stores LeakyReLU of the lanes of a voxel; NaN stays. It takes at most 8 lanes at a time, as GCC
// splits comparisons of 16 floats into single ones.
template <int kLanes, class Element>
LUCID_INLINE void store_leaky_relu(const Floats<kLanes>& value, float slope, Element* to) {
  constexpr int kPiece = kLanes == 16 ? 8 : kLanes;
  using Piece = Floats<kPiece>;
  const auto* from = reinterpret_cast<const float*>(&value);
  for (int lane = 0; lane < kLanes; lane += kPiece) {
    Piece piece;
    load_lanes<kPiece>(from + lane, piece);
    const Piece below = slope == 0.F ? Piece{} : slope * piece;
    piece = piece <= 0.F ? below : piece;
    store_lanes<kPiece>(piece, to + lane);
  }
}

}  // namespace lucid
