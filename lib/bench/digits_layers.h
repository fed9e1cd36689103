#pragma once
// Private to this room.

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "tensor/shape.h"

namespace lucid {

// A convolution, transposed or not, whose gradients are measured. Padding keeps the size where
// nothing else changes it.
struct DigitsLayer {
  std::string name;
  std::int64_t inputs, outputs, kernel, stride = 1, dilation = 1, groups = 1;
  bool is_transposed = false;
  // Behind a layer "before" that copies its input in blocks of channels, once its weights are 1.
  bool reads_blocks = false;

  std::int64_t padding() const { return stride == kernel ? 0 : dilation * (kernel - 1) / 2; }
  // The network of this layer alone, "layer"; a transposed one makes volumes of size^3 voxels.
  Json model(std::int64_t size) const;
};

const std::vector<DigitsLayer>& digits_layers();

// A plain tensor (1, C, D, H, W).
struct PlainTensor {
  Shape shape;
  std::span<const float> values;
};

// The gradient of one element of the weight in double precision. Both kinds of convolution sum a
// coarse tensor times a fine one, of which tap k reads voxel v * stride - padding + k * dilation
// for the coarse voxel v.
double weight_gradient(const DigitsLayer& layer, const PlainTensor& coarse, const PlainTensor& fine,
                       const Shape& weight, std::int64_t element);

}  // namespace lucid
