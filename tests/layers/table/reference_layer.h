#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "layers/table/cases.h"
#include "plan/builder.h"
#include "support/reference.h"

// A layer of the reference network: its JSON read by these functions alone, computed by the loops
// of support/reference. One file a family, listed in reference_layer.cpp.
namespace lucid::test {

struct ReferenceParameter {
  std::string name;  // "conv3d_1/weight"
  Array value, gradient;
};

// What a layer keeps beside its parameters, before and after one training step.
struct ReferenceBuffer {
  std::string name;  // "batchnorm3d_1/running_mean"
  Array value, updated;
};

// From the gradient of the output to the gradient of every input; parameter gradients are left in
// the ReferenceParameters.
using ReferenceBack = std::function<std::vector<Array>(const Array& dy)>;

struct ReferenceResult {
  Array output;
  ReferenceBack back;
};

// What the layers of a row share while they run.
struct ReferenceState {
  const Case* row;
  Mode mode = Mode::kTrain;
  // In the order of the model; references stay valid.
  std::deque<ReferenceParameter> parameters{};
  std::deque<ReferenceBuffer> buffers{};
  // Which side of every kink the last forward was on: open ReLUs and the winners of max pools.
  std::vector<std::size_t> pattern{};
  bool is_curved = false;        // between kinks, too
  bool depends_on_mode = false;  // inference computes something else than training

  // The row's drawn numbers, made on first use.
  ReferenceParameter& parameter(const std::string& name, const Shape& shape);
  ReferenceParameter* bias(const Json& layer, const std::string& name, Shape::Extent count);
  // Drawn from [center - radius, center + radius).
  ReferenceBuffer& buffer(const std::string& name, Shape::Extent count, double center,
                          double radius);
};

// One layer, by the name it has in the network.
struct ReferenceCall {
  ReferenceState& state;
  const Json& layer;
  const std::string& name;
  const std::vector<Array>& inputs;
};

ReferenceResult run_reference_layer(const std::string& type, const ReferenceCall& call);

// The files' functions.
ReferenceResult reference_conv(const ReferenceCall&);
ReferenceResult reference_conv_transpose(const ReferenceCall&);
ReferenceResult reference_max_pool(const ReferenceCall&);
ReferenceResult reference_linear(const ReferenceCall&);
ReferenceResult reference_flatten(const ReferenceCall&);
ReferenceResult reference_relu(const ReferenceCall&);
ReferenceResult reference_softmax(const ReferenceCall&);
ReferenceResult reference_add(const ReferenceCall&);
ReferenceResult reference_concat(const ReferenceCall&);
ReferenceResult reference_adaptive_avg_pool(const ReferenceCall&);
ReferenceResult reference_adaptive_max_pool(const ReferenceCall&);
ReferenceResult reference_avg_pool(const ReferenceCall&);
ReferenceResult reference_elu(const ReferenceCall&);
ReferenceResult reference_gelu(const ReferenceCall&);
ReferenceResult reference_identity(const ReferenceCall&);
ReferenceResult reference_leaky_relu(const ReferenceCall&);
ReferenceResult reference_prelu(const ReferenceCall&);
ReferenceResult reference_scale(const ReferenceCall&);
ReferenceResult reference_sigmoid(const ReferenceCall&);
ReferenceResult reference_silu(const ReferenceCall&);
ReferenceResult reference_tanh(const ReferenceCall&);
ReferenceResult reference_batch_norm(const ReferenceCall&);
ReferenceResult reference_group_norm(const ReferenceCall&);
ReferenceResult reference_instance_norm(const ReferenceCall&);
ReferenceResult reference_dropout(const ReferenceCall&);
ReferenceResult reference_dropout3d(const ReferenceCall&);
ReferenceResult reference_upsample(const ReferenceCall&);

// What they share.
std::string lower(std::string text);
Triple triple_of(const Json& layer, const char* key, const Triple& fallback);
Array reshaped(const Array& x, const Shape& shape);
Array drawn_array(const Case& row, std::uint64_t stream, const Shape& shape, Shape::Extent fan);

}  // namespace lucid::test
