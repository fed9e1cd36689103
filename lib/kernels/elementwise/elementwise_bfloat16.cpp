#include <algorithm>

#include "kernels/elementwise/elementwise.h"
#include "tensor/parallel.h"

// The functions of elementwise.cpp over bfloat16, which is converted to float block by block.
namespace lucid {
namespace {

constexpr std::int64_t kBlock = 1 << 14;  // values a thread takes at a time
constexpr std::int64_t kPiece = 1 << 10;  // ... as floats at a time, in the nearest cache

}  // namespace

void elementwise_forward(const Elementwise& f, std::int64_t count, const Bfloat16* x, Bfloat16* y) {
  parallel_blocks(count, kBlock, [=](std::int64_t begin, std::int64_t end) {
    float piece[kPiece];
    for (std::int64_t at = begin; at < end; at += kPiece) {
      const std::int64_t size = std::min(kPiece, end - at);
      to_floats(size, x + at, piece);
      f.forward(0, size, f.constant, piece, piece);
      to_bfloat16s(size, piece, y + at);
    }
  });
}

void elementwise_backward(const Elementwise& f, std::int64_t count, const Bfloat16* known,
                          const Bfloat16* dy, Bfloat16* dx) {
  parallel_blocks(count, kBlock, [=](std::int64_t begin, std::int64_t end) {
    float known_piece[kPiece], gradient[kPiece];
    for (std::int64_t at = begin; at < end; at += kPiece) {
      const std::int64_t size = std::min(kPiece, end - at);
      to_floats(size, known + at, known_piece);
      to_floats(size, dy + at, gradient);
      f.backward(0, size, f.constant, known_piece, gradient, gradient);
      to_bfloat16s(size, gradient, dx + at);
    }
  });
}

}  // namespace lucid
