// Compiled for AVX2 with FMA: 16 registers of 8 lanes.
#include "kernels/small_channel/gradient_tile_body.h"
#include "kernels/small_channel/tile_body.h"

namespace lucid::small_channel {

const Tile kAvx2[] = {
    // into few channels
    tile<8, 2, 4, 3>(),
    tile<8, 2, 6, 3>(),
    tile<8, 2, 8, 3>(),
    tile<8, 2, 10, 3>(),
    tile<8, 2, 12, 3>(),
    tile<8, 2, 8, 5>(),
    // from few channels
    tile<8, 1, 4, 3>(),
    tile<8, 1, 6, 3>(),
    tile<8, 1, 8, 3>(),
    tile<8, 1, 10, 3>(),
    tile<8, 1, 12, 3>(),
    tile<8, 1, 8, 5>(),
    {}};

const GradientTile kGradientAvx2[] = {
    // into few channels
    gradient_tile<8, 2, 1, 4, 3>(),
    gradient_tile<8, 2, 1, 1, 3>(),
    gradient_tile<8, 2, 1, 2, 5>(),
    gradient_tile<8, 2, 1, 1, 5>(),
    // from few channels
    gradient_tile<8, 1, 3, 1, 3>(),
    gradient_tile<8, 1, 1, 4, 3>(),
    gradient_tile<8, 1, 1, 1, 3>(),
    gradient_tile<8, 1, 1, 2, 5>(),
    gradient_tile<8, 1, 1, 1, 5>(),
    {}};

}  // namespace lucid::small_channel
