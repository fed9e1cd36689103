#pragma once

#include "layers/convolution/problem/route.h"

namespace lucid {

// Computes weight gradients by a kernel of ours that reads both tensors in blocks of channels, or x
// in plain order.
extern const Route kBlockedGradientRoute;

// The same for a route whose tensors are in blocks already: `order` is that of dy.
Recorded record_blocked_gradient(PlanBuilder& b, const Problem& problem, onednn::Order order,
                                 const Operands& operands);

}  // namespace lucid
