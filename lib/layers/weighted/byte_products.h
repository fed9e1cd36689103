#pragma once

#include "kernels/bytes/convolution.h"
#include "plan/builder.h"

namespace lucid {

// Says why a layer whose outputs are sums of so many products should not multiply bytes: sums could
// overflow, or outputs fill less than half of a block. Null if it should.
constexpr const char* why_not_bytes(std::int64_t products, std::int64_t outputs) {
  constexpr std::int64_t kFewestOutputs = 8;
  if (products > bytes::kMostProducts) return "its sums are too long for 32 bits";
  return outputs < kFewestOutputs ? "it has fewer than 8 outputs" : nullptr;
}

// Records the layer's product of bytes, which writes floats or, if the plan says so, bytes. `c`
// describes all but the order of x, which is that of b.input(). The weight comes in PyTorch's
// order, with these extents; `y` are the extents of the output.
void record_byte_product(PlanBuilder& b, const std::string& what, bytes::Convolution c,
                         const onednn::Dims& weight, bool has_bias, const onednn::Dims& y);

}  // namespace lucid
