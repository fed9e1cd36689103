#pragma once

#include <cstdint>

#include "kernels/simd/bfloat16.h"

namespace lucid {

// Tells which tensor the gradient of an elementwise function is computed from.
enum class GradientFrom { kInput, kOutput, kNothing };

// An elementwise function and its derivative.
struct Elementwise {
  const char* name;
  void (*forward)(std::int64_t begin, std::int64_t end, float constant, const float* x, float* y);
  // dx = f' * dy; `known` is x or y, as gradient_from says, or anything.
  void (*backward)(std::int64_t begin, std::int64_t end, float constant, const float* known,
                   const float* dy, float* dx);
  float constant = 0;
  GradientFrom gradient_from = GradientFrom::kOutput;
  bool keeps_zero = true;  // f(0) = 0
};

// These compute PyTorch's functions. A NaN stays a NaN; no finite input makes one.
Elementwise leaky_relu(float negative_slope);
Elementwise elu(float alpha);
Elementwise gelu();
Elementwise gelu_by_tanh();
Elementwise silu();
Elementwise sigmoid();
Elementwise tanh();
Elementwise scale(float factor);

void elementwise_forward(const Elementwise& f, std::int64_t count, const float* x, float* y);
void elementwise_forward(const Elementwise& f, std::int64_t count, const Bfloat16* x, Bfloat16* y);

// dx may be dy.
void elementwise_backward(const Elementwise& f, std::int64_t count, const float* known,
                          const float* dy, float* dx);
void elementwise_backward(const Elementwise& f, std::int64_t count, const Bfloat16* known,
                          const Bfloat16* dy, Bfloat16* dx);

}  // namespace lucid
