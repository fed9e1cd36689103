#pragma once

#include <cstdint>

namespace lucid {

// y = x > 0 ? x : 0 over `count` values; a NaN stays one, as in PyTorch.
void relu_forward(std::int64_t count, const float* x, float* y);

// dx = y > 0 ? dy : 0; dx may be dy. A NaN in y lets dy through, as in PyTorch.
void relu_backward(std::int64_t count, const float* y, const float* dy, float* dx);

}  // namespace lucid
