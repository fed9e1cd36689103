// Compiled for AVX-512: 32 registers of 16 lanes.
#include "kernels/small_volume/gradient_body.h"
#include "kernels/small_volume/packing_body.h"
#include "kernels/small_volume/products_body.h"

namespace lucid::small_volume {
namespace {

const ProductKernel kProducts[] = {kernel<16, 1, 1>(),
                                   kernel<16, 2, 1>(),
                                   kernel<16, 3, 1>(),
                                   kernel<16, 4, 1>(),
                                   kernel<16, 5, 1>(),
                                   kernel<16, 6, 1>(),
                                   kernel<16, 7, 1>(),
                                   kernel<16, 8, 1>(),
                                   kernel<16, 9, 1>(),
                                   kernel<16, 10, 1>(),
                                   kernel<16, 11, 1>(),
                                   kernel<16, 12, 1>(),
                                   kernel<16, 13, 1>(),
                                   kernel<16, 14, 1>(),
                                   kernel<16, 1, 2>(),
                                   kernel<16, 2, 2>(),
                                   kernel<16, 3, 2>(),
                                   kernel<16, 4, 2>(),
                                   kernel<16, 5, 2>(),
                                   kernel<16, 6, 2>(),
                                   kernel<16, 7, 2>(),
                                   kernel<16, 8, 2>(),
                                   kernel<16, 9, 2>(),
                                   kernel<16, 10, 2>(),
                                   kernel<16, 11, 2>(),
                                   kernel<16, 12, 2>(),
                                   kernel<16, 13, 2>(),
                                   kernel<16, 14, 2>(),
                                   {}};

const GradientKernel kGradients[] = {gradient_kernel<16, 16, 1>(), {}};

}  // namespace

const Kernels kAvx512 = {16,
                         kProducts,
                         kGradients,
                         {&pack<16, float>, &pack<16, Bfloat16>},
                         {&finish<16, float>, &finish<16, Bfloat16>},
                         &transpose<16>};

}  // namespace lucid::small_volume
