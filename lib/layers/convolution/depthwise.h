#pragma once

#include <optional>

#include "kernels/convolution/depthwise.h"
#include "layers/convolution/weight_gradient.h"

namespace lucid {

// A convolution of every channel by itself, which oneDNN multiplies as matrices of one row: by our
// own kernels, on blocked tensors.
class Depthwise {
 public:
  // Empty for other convolutions. The convolution is in float.
  static std::optional<Depthwise> choose(PlanBuilder& b, const Convolution& convolution);
  Backward compile(PlanBuilder& b) const;

 private:
  explicit Depthwise(const Convolution& convolution);
  Value packed_weights(PlanBuilder& b) const;
  void forward(PlanBuilder& b, Value x, Value y) const;
  void weight_gradient(PlanBuilder& b, Value x, Value dy) const;
  Value input_gradient(PlanBuilder& b, Value dy) const;

  DepthwiseGeometry geometry_;
  std::int64_t channels_ = 1;  // as the user counts
  Layout src_, weights_, bias_, dst_;
  Convolution padded_;  // of whole blocks of channels
};

}  // namespace lucid
