#include "kernels/elementwise/relu.h"

#include "kernels/simd/clones.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kBlock = 1 << 14;  // values a thread takes at a time

// `value` where `known` is above 0 or no number, else 0.
LUCID_INLINE float kept(float known, float value) { return known <= 0.F ? 0.F : value; }
// This one uses masks, which compilers vectorize.
LUCID_INLINE Bfloat16 kept(Bfloat16 known, Bfloat16 value) {
  constexpr int kMagnitude = 0x7fff, kInfinity = 0x7f80;
  const bool is_nan = (known.bits & kMagnitude) > kInfinity;
  const bool is_kept = is_nan | (static_cast<std::int16_t>(known.bits) > 0);
  const auto mask = static_cast<std::uint16_t>(-static_cast<int>(is_kept));
  return {static_cast<std::uint16_t>(value.bits & mask)};
}

template <class Number>
LUCID_INLINE void forward_numbers(std::int64_t begin, std::int64_t end, const Number* x,
                                  Number* y) {
#pragma omp simd
  for (std::int64_t i = begin; i < end; ++i) y[i] = kept(x[i], x[i]);
}

template <class Number>
LUCID_INLINE void backward_numbers(std::int64_t begin, std::int64_t end, const Number* y,
                                   const Number* dy, Number* dx) {
#pragma omp simd
  for (std::int64_t i = begin; i < end; ++i) dx[i] = kept(y[i], dy[i]);
}

// The functions that are compiled once an instruction set.
#define LUCID_RELU_BLOCKS(Number)                                                            \
  LUCID_CLONED(void, forward_block,                                                          \
               (std::int64_t begin, std::int64_t end, const Number* x, Number* y),           \
               (begin, end, x, y)) {                                                         \
    forward_numbers(begin, end, x, y);                                                       \
  }                                                                                          \
  LUCID_CLONED(                                                                              \
      void, backward_block,                                                                  \
      (std::int64_t begin, std::int64_t end, const Number* y, const Number* dy, Number* dx), \
      (begin, end, y, dy, dx)) {                                                             \
    backward_numbers(begin, end, y, dy, dx);                                                 \
  }

LUCID_RELU_BLOCKS(float)
LUCID_RELU_BLOCKS(Bfloat16)
#undef LUCID_RELU_BLOCKS

}  // namespace

template <class Number>
void relu_forward(std::int64_t count, const Number* x, Number* y) {
  parallel_blocks(count, kBlock,
                  [=](std::int64_t begin, std::int64_t end) { forward_block(begin, end, x, y); });
}

template <class Number>
void relu_backward(std::int64_t count, const Number* y, const Number* dy, Number* dx) {
  parallel_blocks(count, kBlock, [=](std::int64_t begin, std::int64_t end) {
    backward_block(begin, end, y, dy, dx);
  });
}

template void relu_forward(std::int64_t, const float*, float*);
template void relu_forward(std::int64_t, const Bfloat16*, Bfloat16*);
template void relu_backward(std::int64_t, const float*, const float*, float*);
template void relu_backward(std::int64_t, const Bfloat16*, const Bfloat16*, Bfloat16*);

}  // namespace lucid
