// Compiled for every processor: the compiler splits the vectors into those of the oldest one.
#include "kernels/blocked_gradient/tile_body.h"

namespace lucid::blocked_gradient {
namespace {

constexpr Tile kProducts[] = {product_tile<8, 1, 3, 2>(),  product_tile<8, 1, 1, 4>(),
                              product_tile<8, 1, 3, 1>(),  product_tile<8, 1, 1, 1>(),
                              product_tile<16, 1, 1, 4>(), product_tile<16, 1, 3, 1>(),
                              product_tile<16, 1, 1, 1>(), {}};
constexpr LaneTile kLaneProducts[] = {
    lane_tile<8, 3>(), lane_tile<8, 1>(), lane_tile<16, 3>(), lane_tile<16, 1>(), {}};
constexpr SumTile kSums[] = {{8, &sums<8>}, {16, &sums<16>}, {}};

}  // namespace

const Tiles kPortable = {"portable", kProducts, kLaneProducts, kSums};

}  // namespace lucid::blocked_gradient
