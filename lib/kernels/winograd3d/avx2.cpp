// Compiled for AVX2 with FMA: 16 registers of 8 lanes.
#include "kernels/winograd3d/gradient_transforms_body.h"
#include "kernels/winograd3d/pooled_outputs_body.h"
#include "kernels/winograd3d/products_body.h"

namespace lucid::winograd3d {
namespace {

using winograd::GradientPoints;
using winograd::OutputPoints;

const ProductKernel kProducts[] = {kernel<8, 3, 2>(),  kernel<8, 4, 2>(),  kernel<8, 5, 2>(),
                                   kernel<8, 6, 2>(),  kernel<8, 6, 1>(),  kernel<8, 8, 1>(),
                                   kernel<8, 10, 1>(), kernel<8, 12, 1>(), {}};

}  // namespace

const Kernels kAvx2 = {
    8,
    {&transform_input<8, OutputPoints, float>, &transform_input<8, OutputPoints, Bfloat16>},
    {&transform_output<8, float>, &transform_output<8, Bfloat16>},
    {&pool_output<8, float>, &pool_output<8, Bfloat16>},
    &add_planes<8>,
    kProducts,
    {&transform_input<8, GradientPoints, float>, &transform_input<8, GradientPoints, Bfloat16>},
    {&transform_gradient<8, float>, &transform_gradient<8, Bfloat16>},
    &add_products<8>};

}  // namespace lucid::winograd3d
