#pragma once

#include "kernels/resample/interleave.h"
#include "layers/convolution/subpixel/phases.h"

namespace lucid {

// Returns the channels of a block, 1 in orders without blocks.
std::int64_t block_of(onednn::Order order);

// A tensor whose channels are those of some phases, one after the other, and its offset.
struct PhaseTensor {
  PhasePacking packing;
  Shape shape;             // (N, C, D, H, W)
  std::int64_t first = 0;  // in elements
};

// All phases of a transposed convolution, and its output.
struct PhaseTensors {
  std::vector<PhaseTensor> parts;  // either one for all phases, or one for each
  Triple phases;                   // along D, H, W
  Triple stride, padding;
  Shape output;
  onednn::Order phases_order, output_order;
  std::optional<float> relu_slope{};  // of the epilogue
};

// Returns the description by which the kernel copies between phases and voxels.
Interleaving interleaving_of(const PhaseTensors& tensors);

}  // namespace lucid
