#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "layers/layer/fusion.h"
#include "plan/builder.h"

namespace lucid {

// Records the steps of the backward pass; empty in inference plans.
using Backward = std::function<void(PlanBuilder&)>;

// Describes an error in one argument, "in_channels": "expected 8, found 4". The shape of the output
// is known all the same.
struct ArgumentError {
  std::string argument, message;
};

// Bounds how many inputs a layer takes.
struct InputCount {
  std::size_t low = 1, high = 1;
};

// Relates a layer's output to its input along one axis: element o depends on the elements from
// o * stride / scale + low to o * stride / scale + high.
struct LayerReceptiveField {
  std::int64_t stride = 1, scale = 1;
  double low = 0, high = 0;
};

// Counts the arithmetic of one forward pass of one sample.
struct Cost {
  double multiply_adds = 0;  // with weights, those with zero padding included
  double flops = 0;          // of everything; a multiply-add counts as 2
};

// Describes a layer: immutable, without buffers. Shapes leave out the batch: (C, D, H, W) or (F).
class Layer {
 public:
  virtual ~Layer() = default;
  virtual InputCount input_count() const { return {}; }
  // Lists the arguments that do not fit the inputs.
  virtual std::vector<ArgumentError> errors(std::span<const Shape>) const { return {}; }
  // Throws Error saying why the inputs do not fit.
  virtual Shape output_shape(std::span<const Shape> inputs) const = 0;
  virtual std::vector<ParameterSpec> parameters(std::span<const Shape>) const { return {}; }
  // The axis is 0, 1 or 2 for D, H or W. The result is empty if every output depends on the whole
  // volume, or the network is bound to the size of its input.
  virtual std::optional<LayerReceptiveField> receptive_field(std::size_t) const {
    return LayerReceptiveField{};
  }
  virtual Cost cost(std::span<const Shape>) const { return {}; }
  virtual Fusion fusion(std::span<const Shape>) const { return {}; }
  // Records the forward steps, and returns the function that records the backward ones.
  virtual Backward compile(PlanBuilder&) const = 0;
};

}  // namespace lucid
