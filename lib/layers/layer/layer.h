#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "plan/builder.h"

namespace lucid {

// Records the way back; empty in inference plans.
using Backward = std::function<void(PlanBuilder&)>;

// An error in one argument that leaves the output's shape known: "in_channels", "expected 8, found
// 4".
struct ArgumentError {
  std::string argument, message;
};

// How many inputs a layer takes.
struct InputCount {
  std::size_t low = 1, high = 1;
};

// Along one axis, what an output follows from: number o from the inputs between
// o * stride / scale + low and o * stride / scale + high.
struct Reach {
  std::int64_t stride = 1, scale = 1;
  double low = 0, high = 0;
};

// What a layer is: a description, immutable, without buffers. Shapes are without batch: (C, D, H,
// W) or (F).
class Layer {
 public:
  virtual ~Layer() = default;
  virtual InputCount input_count() const { return {}; }
  virtual std::vector<ArgumentError> errors(std::span<const Shape>) const { return {}; }
  virtual Shape output_shape(
      std::span<const Shape> inputs) const = 0;  // throws Error saying why the inputs do not fit
  virtual std::vector<ParameterSpec> parameters(std::span<const Shape>) const { return {}; }
  // D, H or W as 0, 1, 2; empty where every output follows from the whole volume, or the network
  // must keep its size.
  virtual std::optional<Reach> reach(std::size_t) const { return Reach{}; }
  virtual double multiply_adds(std::span<const Shape>) const {
    return 0;
  }  // of the weights and one sample, those of padding included
  virtual double flops(std::span<const Shape>) const {
    return 0;
  }  // forward, one sample; a multiply-add counts 2
  virtual bool can_apply_relu() const {
    return false;
  }  // to its own output, when PlanBuilder::relu_follows()
  virtual bool can_apply_leaky_relu() const { return false; }  // of any PlanBuilder::relu_slope()
  // Of a ReLU, or one that leaks, which the layer before may apply; empty for any other layer.
  virtual std::optional<float> relu_slope() const { return {}; }
  // Whether it can hand back the gradient from before the ReLU that made its input: see
  // PlanBuilder::undone_relu_slope().
  virtual bool can_undo_relu() const { return false; }
  // A max pooling of 2x2x2 voxels, side by side, which the layer before its ReLU may take over: see
  // PlanBuilder::pair_pool_follows().
  virtual bool is_pair_pool() const { return false; }
  // Of a norm by running statistics, which inference may fold into the layer before.
  virtual std::optional<double> frozen_norm_eps() const { return {}; }
  // Where a norm behind it can be folded into its parameters "weight" and "bias": see
  // PlanBuilder::norm_is_folded().
  virtual std::optional<WeightChannels> norm_channels(std::span<const Shape>) const { return {}; }
  // Its inputs and its output's gradient may come in bfloat16; those of others are made float.
  virtual bool knows_bfloat16() const { return false; }
  virtual Backward compile(PlanBuilder&) const = 0;  // records forward steps
};

}  // namespace lucid
