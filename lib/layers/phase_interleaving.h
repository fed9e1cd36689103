#pragma once

#include "kernels/interleave.h"
#include "layers/phases.h"

namespace lucid {

// The channels of a block, 1 in orders without.
std::int64_t block_of(onednn::Order order);

// The phases of a transposed convolution, as one tensor, and its output.
struct PhaseTensors {
  const PhasePacking& packing;
  Triple stride, padding;
  Shape phases, output;  // (N, C, D, H, W)
  onednn::Order phases_order, output_order;
  bool applies_relu;
  float relu_slope;
};

Interleaving interleaving_of(const PhaseTensors& tensors);

}  // namespace lucid
