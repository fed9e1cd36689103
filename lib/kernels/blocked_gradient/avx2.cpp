// Compiled for AVX2 with FMA: 16 registers of 8 lanes.
#include "kernels/blocked_gradient/tile_body.h"

namespace lucid::blocked_gradient {
namespace {

constexpr Tile kProducts[] = {product_tile<8, 2, 3, 2>(), product_tile<8, 2, 2, 2>(),
                              product_tile<8, 2, 1, 4>(), product_tile<8, 2, 6, 1>(),
                              product_tile<8, 2, 3, 1>(), product_tile<8, 2, 1, 1>(),
                              product_tile<8, 1, 3, 4>(), product_tile<8, 1, 2, 4>(),
                              product_tile<8, 1, 1, 8>(), product_tile<8, 1, 9, 1>(),
                              product_tile<8, 1, 6, 1>(), product_tile<8, 1, 3, 1>(),
                              product_tile<8, 1, 1, 1>(), {}};
constexpr LaneTile kLaneProducts[] = {lane_tile<8, 9>(), lane_tile<8, 3>(), lane_tile<8, 1>(), {}};
constexpr SumTile kSums[] = {{8, &sums<8>}, {}};

}  // namespace

const Tiles kAvx2 = {"avx2", kProducts, kLaneProducts, kSums};

}  // namespace lucid::blocked_gradient
