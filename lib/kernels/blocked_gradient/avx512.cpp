// Compiled for AVX-512: 32 registers of 16 lanes.
#include "kernels/blocked_gradient/tile_body.h"

namespace lucid::blocked_gradient {
namespace {

constexpr Tile kProducts[] = {product_tile<16, 2, 3, 4>(),  product_tile<16, 2, 2, 4>(),
                              product_tile<16, 2, 1, 8>(),  product_tile<16, 2, 9, 1>(),
                              product_tile<16, 2, 3, 1>(),  product_tile<16, 2, 1, 1>(),
                              product_tile<16, 1, 3, 8>(),  product_tile<16, 1, 2, 8>(),
                              product_tile<16, 1, 1, 16>(), product_tile<16, 1, 1, 8>(),
                              product_tile<16, 1, 9, 1>(),  product_tile<16, 1, 3, 1>(),
                              product_tile<16, 1, 1, 1>(),  product_tile<8, 2, 3, 4>(),
                              product_tile<8, 2, 2, 4>(),   product_tile<8, 2, 1, 8>(),
                              product_tile<8, 2, 9, 1>(),   product_tile<8, 2, 3, 1>(),
                              product_tile<8, 2, 1, 1>(),   product_tile<8, 1, 3, 8>(),
                              product_tile<8, 1, 2, 8>(),   product_tile<8, 1, 1, 8>(),
                              product_tile<8, 1, 9, 1>(),   product_tile<8, 1, 3, 1>(),
                              product_tile<8, 1, 1, 1>(),   {}};
constexpr LaneTile kLaneProducts[] = {lane_tile<16, 9>(),
                                      lane_tile<16, 3>(),
                                      lane_tile<16, 1>(),
                                      lane_tile<8, 9>(),
                                      lane_tile<8, 3>(),
                                      lane_tile<8, 1>(),
                                      {}};
constexpr SumTile kSums[] = {{16, &sums<16>}, {8, &sums<8>}, {}};

}  // namespace

const Tiles kAvx512 = {"avx512", kProducts, kLaneProducts, kSums};

}  // namespace lucid::blocked_gradient
