// Compiled for AVX2 with FMA: 16 registers of 8 lanes.
#include "kernels/small_volume/gradient_body.h"
#include "kernels/small_volume/packing_body.h"
#include "kernels/small_volume/products_body.h"

namespace lucid::small_volume {
namespace {

const ProductKernel kProducts[] = {kernel<8, 1, 1>(),
                                   kernel<8, 2, 1>(),
                                   kernel<8, 3, 1>(),
                                   kernel<8, 4, 1>(),
                                   kernel<8, 5, 1>(),
                                   kernel<8, 6, 1>(),
                                   kernel<8, 1, 2>(),
                                   kernel<8, 2, 2>(),
                                   kernel<8, 3, 2>(),
                                   kernel<8, 4, 2>(),
                                   kernel<8, 5, 2>(),
                                   kernel<8, 6, 2>(),
                                   {}};

const GradientKernel kGradients[] = {gradient_kernel<8, 4, 2>(), gradient_kernel<8, 8, 1>(), {}};

}  // namespace

const Kernels kAvx2 = {8,
                       kProducts,
                       kGradients,
                       {&pack<8, float>, &pack<8, Bfloat16>},
                       {&finish<8, float>, &finish<8, Bfloat16>},
                       &transpose<8>};

}  // namespace lucid::small_volume
