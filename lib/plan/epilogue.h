#pragma once

#include <optional>

#include "plan/folded_norm.h"
#include "tensor/byte_scale.h"
#include "tensor/onednn.h"

namespace lucid {

// Describes what a node computes besides its own layer, in place of its neighbours. A field holds
// only where the graph allows it; the layer must then do as it says, except for the pooling.
struct Epilogue {
  // The norm behind the node, folded into its weight and bias; inference only.
  std::optional<FoldedNorm> norm;
  // The slope below 0 of the ReLU that the node applies to its output, behind that norm.
  std::optional<float> relu_slope;
  // A max pooling of 2x2x2 voxels, side by side, is the only reader of that ReLU. The layer may
  // compute it as well.
  bool pair_pool_follows = false;
  // The backward pass of that ReLU, or of the ReLU that the node is, is folded into the pooling
  // behind it: the output's gradient arrives as that of the ReLU's input.
  bool relu_backward_is_folded = false;
  // The slope of the ReLU before this pooling, whose backward pass the pooling computes as well.
  std::optional<float> folded_relu_slope;
  // The type that products with weights read, and the type of the output: bfloat16 only if a layer
  // reads the output so, and no loss reads it.
  onednn::Type product_type = onednn::kFloat, output_type = onednn::kFloat;
  // The node's inputs are bytes; its output is, too, if it has a scale.
  bool reads_bytes = false;
  std::optional<ByteScale> output_bytes{};
};

}  // namespace lucid
