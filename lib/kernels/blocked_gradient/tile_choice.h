#pragma once
// Private to this room.

#include "kernels/blocked_gradient/tile.h"

namespace lucid::blocked_gradient {

// Inputs are computed in multiples of this, which is a multiple of what any tile takes. Those that
// are too many are padding channels of x.
constexpr std::int64_t kInputsAtATime = 8;

// Returns the first tile, which is the best, that is no larger.
inline const Tile* best_tile(const Tiles& tiles, std::int64_t lanes, std::int64_t output_blocks,
                             std::int64_t taps, std::int64_t inputs) {
  for (const Tile* t = tiles.products; t->run != nullptr; ++t)
    if (t->lanes == lanes && t->outputs <= output_blocks && t->taps <= taps &&
        t->inputs <= inputs && (t->inputs > 1) == (inputs > 1))
      return t;
  return nullptr;
}

// Returns the first tile of a list with so many lanes, or null.
template <class AnyTile>
const AnyTile* with_lanes(const AnyTile* tile, std::int64_t lanes) {
  for (; tile->run != nullptr; ++tile)
    if (tile->lanes == lanes) return tile;
  return nullptr;
}

}  // namespace lucid::blocked_gradient
