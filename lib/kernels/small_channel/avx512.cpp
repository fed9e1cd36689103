// Compiled for AVX-512: 32 registers of 16 lanes.
#include "kernels/small_channel/gradient_tile_body.h"
#include "kernels/small_channel/tile_body.h"

namespace lucid::small_channel {

const Tile kAvx512[] = {
    // into few channels
    tile<16, 2, 4, 3>(),
    tile<16, 2, 6, 3>(),
    tile<16, 2, 8, 3>(),
    tile<16, 2, 10, 3>(),
    tile<16, 2, 12, 3>(),
    tile<16, 2, 14, 3>(),
    tile<16, 2, 16, 3>(),
    tile<16, 2, 8, 5>(),
    tile<16, 2, 16, 5>(),
    // from few channels
    tile<16, 1, 4, 3>(),
    tile<16, 1, 6, 3>(),
    tile<16, 1, 8, 3>(),
    tile<16, 1, 10, 3>(),
    tile<16, 1, 12, 3>(),
    tile<16, 1, 14, 3>(),
    tile<16, 1, 16, 3>(),
    tile<16, 1, 8, 5>(),
    tile<16, 1, 16, 5>(),
    {}};

const GradientTile kGradientAvx512[] = {
    // into few channels
    gradient_tile<16, 2, 1, 8, 3>(),
    gradient_tile<16, 2, 1, 4, 3>(),
    gradient_tile<16, 2, 1, 1, 3>(),
    gradient_tile<16, 2, 1, 4, 5>(),
    gradient_tile<16, 2, 1, 1, 5>(),
    // from few channels
    gradient_tile<16, 1, 9, 1, 3>(),
    gradient_tile<16, 1, 1, 8, 3>(),
    gradient_tile<16, 1, 3, 1, 3>(),
    gradient_tile<16, 1, 1, 4, 3>(),
    gradient_tile<16, 1, 1, 1, 3>(),
    gradient_tile<16, 1, 5, 1, 5>(),
    gradient_tile<16, 1, 1, 4, 5>(),
    gradient_tile<16, 1, 1, 1, 5>(),
    {}};

}  // namespace lucid::small_channel
