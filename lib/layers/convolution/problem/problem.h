#pragma once

#include <cstdint>
#include <optional>

#include "base/triple.h"
#include "tensor/onednn.h"

namespace lucid {

// Says what a convolution is computed for. Some routes have been measured on layers alone.
enum class Origin {
  kLayer,         // a Conv3D or ConvTranspose3D as it is
  kMergedGroups,  // a Conv3D whose groups are computed several at a time
  kPaddedBefore,  // a Conv3D whose input was padded by a step of its own
  kPolyphase,     // the convolution of stride 1 over phases of a transposed convolution
  kAdjoint        // the strided convolution that a transposed one is the adjoint of
};

// Describes one convolution completely: every route judges and records from it alone. Shapes are
// those of PyTorch's Conv3d, dilation counts from 1, and x of a transposed convolution is the
// coarse tensor.
struct Problem {
  std::int64_t samples = 1, groups = 1;
  std::int64_t group_inputs = 1, group_outputs = 1;  // channels of one group
  Triple input{}, output{}, kernel{}, stride{1, 1, 1}, dilation{1, 1, 1}, pad_low{}, pad_high{};
  // The types of x and the weight, of y, and of the gradient of x. The weight gradient is float.
  onednn::Type read = onednn::kFloat, written = onednn::kFloat, input_gradient = onednn::kFloat;
  bool has_bias = false;
  std::optional<float> relu_slope{};             // epilogue: the ReLU that is applied to y
  std::optional<onednn::Order> read_order{};     // of x; any where empty
  std::optional<onednn::Order> written_order{};  // of y; any where empty
  bool has_blocked_weight = false;               // in blocks of input and output channels
  bool is_training = false, is_transposed = false;
  Origin origin = Origin::kLayer;

  std::int64_t inputs() const { return groups * group_inputs; }
  std::int64_t outputs() const { return groups * group_outputs; }
  std::int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  bool is_float() const { return read == onednn::kFloat && written == onednn::kFloat; }
  bool is_dilated() const { return dilation != Triple{1, 1, 1}; }
  bool is_strided() const { return stride != Triple{1, 1, 1}; }
  bool is_depthwise() const { return groups > 1 && group_inputs == 1 && group_outputs == 1; }

  onednn::Dims x_extents() const;       // (N, C, D, H, W)
  onednn::Dims y_extents() const;       // (N, C, D, H, W)
  onednn::Dims weight_extents() const;  // (out, in, D, H, W), groups in front where there are any
  onednn::Layout bias_layout() const;   // zero where there is no bias
};

// The transposed convolution that computes the input gradient of a convolution: its x is the
// gradient of y. Without bias and epilogue.
Problem transposed(const Problem& convolution);

// The convolution that computes the input gradient of a transposed convolution: it reads the
// gradient of the fine tensor. Without bias and epilogue.
Problem adjoint(const Problem& transposed);

// The same convolution of an input that already has its zeros along the depth axis.
Problem padded_in_depth(const Problem& convolution);

}  // namespace lucid
