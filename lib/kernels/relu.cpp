#include "kernels/relu.h"

#include "kernels/clones.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kBlock = 1 << 14;  // values a thread takes at a time

LUCID_CLONES void forward_block(std::int64_t begin, std::int64_t end, const float* x, float* y) {
  for (std::int64_t i = begin; i < end; ++i) y[i] = x[i] <= 0.F ? 0.F : x[i];
}

LUCID_CLONES void backward_block(std::int64_t begin, std::int64_t end, const float* y,
                                 const float* dy, float* dx) {
  for (std::int64_t i = begin; i < end; ++i) dx[i] = y[i] <= 0.F ? 0.F : dy[i];
}

}  // namespace

void relu_forward(std::int64_t count, const float* x, float* y) {
  parallel_blocks(count, kBlock,
                  [=](std::int64_t begin, std::int64_t end) { forward_block(begin, end, x, y); });
}

void relu_backward(std::int64_t count, const float* y, const float* dy, float* dx) {
  parallel_blocks(count, kBlock, [=](std::int64_t begin, std::int64_t end) {
    backward_block(begin, end, y, dy, dx);
  });
}

}  // namespace lucid
