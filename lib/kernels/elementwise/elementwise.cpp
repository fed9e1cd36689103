#include "kernels/elementwise/elementwise.h"

#include "kernels/simd/exponential.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kBlock = 1 << 14;  // values a thread takes at a time

LUCID_INLINE float leaky_relu_value(float x, float slope) { return x > 0.F ? x : slope * x; }
LUCID_INLINE float leaky_relu_slope(float known, float slope) { return known > 0.F ? 1.F : slope; }

LUCID_INLINE float elu_value(float x, float alpha) {
  return x > 0.F ? x : alpha * expm1_of_negative(x > 0.F ? 0.F : x);
}
LUCID_INLINE float elu_slope(float y, float alpha) { return y > 0.F ? 1.F : y + alpha; }
LUCID_INLINE float elu_by_input_slope(float x, float alpha) {
  return x > 0.F ? 1.F : alpha * exp_of_negative(x > 0.F ? 0.F : x);
}

LUCID_INLINE float gelu_value(float x, float) { return x * normal_share_below(x); }
LUCID_INLINE float gelu_slope(float x, float) {
  constexpr float kDensityAtZero = 0.398942280F;  // 1 / sqrt(2 pi)
  return normal_share_below(x) + x * kDensityAtZero * exp_of_negative(-0.5F * x * x);
}

// 0.5 x (1 + tanh(u)) = x sigmoid(2u), u = sqrt(2 / pi) (x + 0.044715 x^3).
constexpr float kTwiceRoot = 1.59576912F, kCube = 0.044715F;
LUCID_INLINE float gelu_by_tanh_value(float x, float) {
  return x * sigmoid_of(kTwiceRoot * (x + kCube * x * x * x));
}
LUCID_INLINE float gelu_by_tanh_slope(float x, float) {
  constexpr float kFlat = 30.F;  // the sigmoid is long flat here, x^2 far from overflow
  const float near = x > kFlat ? kFlat : x < -kFlat ? -kFlat : x, square = near * near;
  const float share = sigmoid_of(kTwiceRoot * (near + kCube * square * near));
  return share * (1.F + near * (1.F - share) * kTwiceRoot * (1.F + 3.F * kCube * square));
}

LUCID_INLINE float silu_value(float x, float) { return x * sigmoid_of(x); }
LUCID_INLINE float silu_slope(float x, float) {
  const float share = sigmoid_of(x);
  return share * (1.F + x * (1.F - share));
}

LUCID_INLINE float sigmoid_value(float x, float) { return sigmoid_of(x); }
LUCID_INLINE float sigmoid_slope(float y, float) { return y * (1.F - y); }

LUCID_INLINE float tanh_value(float x, float) { return tanh_of(x); }
LUCID_INLINE float tanh_slope(float y, float) { return (1.F - y) * (1.F + y); }

LUCID_INLINE float scale_value(float x, float factor) { return factor * x; }
LUCID_INLINE float scale_slope(float, float factor) { return factor; }

// These may work in place: no value depends on another.
#define LUCID_FORWARD(name)                                                                      \
  LUCID_CLONED(void, name##_forward,                                                             \
               (std::int64_t begin, std::int64_t end, float constant, const float* x, float* y), \
               (begin, end, constant, x, y)) {                                                   \
    _Pragma("omp simd") for (std::int64_t i = begin; i < end; ++i) y[i] =                        \
        name##_value(x[i], constant);                                                            \
  }
#define LUCID_BACKWARD(name)                                                              \
  LUCID_CLONED(void, name##_backward,                                                     \
               (std::int64_t begin, std::int64_t end, float constant, const float* known, \
                const float* dy, float* dx),                                              \
               (begin, end, constant, known, dy, dx)) {                                   \
    _Pragma("omp simd") for (std::int64_t i = begin; i < end; ++i) dx[i] =                \
        name##_slope(known[i], constant) * dy[i];                                         \
  }
#define LUCID_ELEMENTWISE(name) LUCID_FORWARD(name) LUCID_BACKWARD(name)

LUCID_ELEMENTWISE(leaky_relu)
LUCID_ELEMENTWISE(elu)
LUCID_ELEMENTWISE(gelu)
LUCID_ELEMENTWISE(gelu_by_tanh)
LUCID_ELEMENTWISE(silu)
LUCID_ELEMENTWISE(sigmoid)
LUCID_ELEMENTWISE(tanh)
LUCID_ELEMENTWISE(scale)
LUCID_BACKWARD(elu_by_input)

#undef LUCID_ELEMENTWISE
#undef LUCID_FORWARD
#undef LUCID_BACKWARD

}  // namespace

// The output has the input's sign unless the slope turns it.
Elementwise leaky_relu(float negative_slope) {
  return {"leaky relu", leaky_relu_forward, leaky_relu_backward, negative_slope,
          negative_slope < 0 ? GradientFrom::kInput : GradientFrom::kOutput};
}

Elementwise elu(float alpha) {
  if (alpha < 0) return {"elu", elu_forward, elu_by_input_backward, alpha, GradientFrom::kInput};
  return {"elu", elu_forward, elu_backward, alpha};
}

Elementwise gelu() { return {"gelu", gelu_forward, gelu_backward, 0, GradientFrom::kInput}; }

Elementwise gelu_by_tanh() {
  return {"gelu by tanh", gelu_by_tanh_forward, gelu_by_tanh_backward, 0, GradientFrom::kInput};
}

Elementwise silu() { return {"silu", silu_forward, silu_backward, 0, GradientFrom::kInput}; }

Elementwise sigmoid() {
  Elementwise f{"sigmoid", sigmoid_forward, sigmoid_backward};
  f.keeps_zero = false;
  return f;
}

Elementwise tanh() { return {"tanh", tanh_forward, tanh_backward}; }

Elementwise scale(float factor) {
  return {"scale", scale_forward, scale_backward, factor, GradientFrom::kNothing};
}

void elementwise_forward(const Elementwise& f, std::int64_t count, const float* x, float* y) {
  parallel_blocks(count, kBlock, [=](std::int64_t begin, std::int64_t end) {
    f.forward(begin, end, f.constant, x, y);
  });
}

void elementwise_backward(const Elementwise& f, std::int64_t count, const float* known,
                          const float* dy, float* dx) {
  parallel_blocks(count, kBlock, [=](std::int64_t begin, std::int64_t end) {
    f.backward(begin, end, f.constant, known, dy, dx);
  });
}

}  // namespace lucid
