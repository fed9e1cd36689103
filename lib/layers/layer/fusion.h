#pragma once

#include <optional>

#include "plan/folded_norm.h"

namespace lucid {

// States how a layer can be fused with its neighbours. Whether it is fused follows from the graph:
// see plan/epilogue.h, which tells the layer what to do.
struct Fusion {
  // The layer can apply a ReLU or a LeakyReLU to its output.
  bool applies_relu = false;
  // The layer is a ReLU of this slope below 0, which the layer before it may apply.
  std::optional<float> relu_slope{};
  // The layer can compute the backward pass of the ReLU that made its input along with its own.
  bool folds_relu_backward = false;
  // The layer is a max pooling of 2x2x2 voxels, side by side, which the layer that applies the ReLU
  // before it may compute as well.
  bool is_pair_pool = false;
  // The layer is a norm by running statistics with this eps, which inference may fold into the
  // weight and bias of the layer before it.
  std::optional<double> frozen_norm_eps{};
  // The layer's weight is laid out so, and a norm behind it can be folded into "weight" and "bias".
  std::optional<WeightChannels> weight_channels{};
  // The layer reads inputs and the output's gradient in bfloat16; others are given floats.
  bool reads_bfloat16 = false;
  // Why the layer cannot multiply bytes by weights rounded to bytes, in inference; null if it can.
  const char* not_in_bytes = "no layer of its type is computed in int8";
  // The layer can pass on bytes of one scale, in inference.
  bool passes_bytes = false;

  bool multiplies_bytes() const { return not_in_bytes == nullptr; }
};

}  // namespace lucid
