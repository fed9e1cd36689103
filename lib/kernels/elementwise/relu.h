#pragma once

#include <cstdint>

#include "kernels/simd/bfloat16.h"

namespace lucid {

// y = x > 0 ? x : 0 over `count` values; a NaN stays one, as in PyTorch. Number is float or
// Bfloat16.
template <class Number>
void relu_forward(std::int64_t count, const Number* x, Number* y);

// dx = y > 0 ? dy : 0; dx may be dy. A NaN in y lets dy through, as in PyTorch.
template <class Number>
void relu_backward(std::int64_t count, const Number* y, const Number* dy, Number* dx);

extern template void relu_forward(std::int64_t, const float*, float*);
extern template void relu_forward(std::int64_t, const Bfloat16*, Bfloat16*);
extern template void relu_backward(std::int64_t, const float*, const float*, float*);
extern template void relu_backward(std::int64_t, const Bfloat16*, const Bfloat16*, Bfloat16*);

}  // namespace lucid
