#pragma once

#include "kernels/resample/interleave.h"
#include "layers/convolution/phases.h"

namespace lucid {

// The channels of a block, 1 in orders without.
std::int64_t block_of(onednn::Order order);

// A tensor of some of the phases, one behind the other in its channels, and where it begins.
struct PhaseTensor {
  PhasePacking packing;
  Shape shape;             // (N, C, D, H, W)
  std::int64_t first = 0;  // in numbers
};

// All phases of a transposed convolution, and its output.
struct PhaseTensors {
  std::vector<PhaseTensor> parts;  // either one, or one for each phase
  Triple phases;                   // in either case
  Triple stride, padding;
  Shape output;
  onednn::Order phases_order, output_order;
  bool applies_relu = false;
  float relu_slope = 0;
};

Interleaving interleaving_of(const PhaseTensors& tensors);

}  // namespace lucid
