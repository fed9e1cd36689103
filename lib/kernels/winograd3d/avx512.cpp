// Compiled for AVX-512: 32 registers of 16 lanes.
#include "kernels/winograd3d/gradient_transforms_body.h"
#include "kernels/winograd3d/pooled_outputs_body.h"
#include "kernels/winograd3d/products_body.h"

namespace lucid::winograd3d {
namespace {

using winograd::GradientPoints;
using winograd::OutputPoints;

const ProductKernel kProducts[] = {kernel<16, 4, 2>(),
                                   kernel<16, 6, 2>(),
                                   kernel<16, 8, 2>(),
                                   kernel<16, 9, 2>(),
                                   kernel<16, 10, 2>(),
                                   kernel<16, 11, 2>(),
                                   kernel<16, 12, 2>(),
                                   kernel<16, 13, 2>(),
                                   kernel<16, 14, 2>(),
                                   kernel<16, 8, 1>(),
                                   kernel<16, 12, 1>(),
                                   kernel<16, 16, 1>(),
                                   kernel<16, 18, 1>(),
                                   kernel<16, 20, 1>(),
                                   kernel<16, 22, 1>(),
                                   kernel<16, 24, 1>(),
                                   kernel<16, 26, 1>(),
                                   kernel<16, 28, 1>(),
                                   {}};

}  // namespace

const Kernels kAvx512 = {
    16,
    {&transform_input<16, OutputPoints, float>, &transform_input<16, OutputPoints, Bfloat16>},
    {&transform_output<16, float>, &transform_output<16, Bfloat16>},
    {&pool_output<16, float>, &pool_output<16, Bfloat16>},
    &add_planes<16>,
    kProducts,
    {&transform_input<16, GradientPoints, float>, &transform_input<16, GradientPoints, Bfloat16>},
    {&transform_gradient<16, float>, &transform_gradient<16, Bfloat16>},
    &add_products<16>};

}  // namespace lucid::winograd3d
