#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "layers/convolution/product_type.h"
#include "layers/convolution/routes.h"
#include "layers/layer/layers.h"
#include "layers/layer/window.h"
#include "layers/weighted/byte_products.h"
#include "layers/weighted/weighted.h"

namespace lucid {
namespace {

struct ConvTranspose3DArguments {
  std::optional<std::int64_t> in_channels;
  std::int64_t out_channels = 1, groups = 1;
  Triple kernel{}, stride{}, padding{}, output_padding{}, dilation{};
  bool bias = true;
};

Operands operands_of(PlanBuilder& b, const std::string& step) {
  Operands operands;
  operands.weight = [&b](const Layout& layout) { return b.parameter("weight", layout); };
  operands.step = step;
  return operands;
}

void record_backward(PlanBuilder& b, const Problem& p, const Recorded& forward) {
  Operands operands = operands_of(b, "transposed convolution gradient");
  operands.x = forward.x;
  operands.input = b.input();
  operands.y = forward.y;
  operands.dy = b.output_gradient(b.layout(forward.y));
  operands.from_forward = forward.handover;
  if (needs_weight_gradient(b, p.bias_layout())) {
    const Recorded recorded = convolution_routes().record(b, p, Pass::kWeightGradient, operands);
    if (recorded.db) b.set_parameter_gradient("bias", recorded.db);
    if (recorded.dw) b.set_parameter_gradient("weight", recorded.dw);
    operands.from_weight_gradient = recorded.handover;
  }
  if (b.needs_input_gradient())
    b.set_input_gradient(convolution_routes().record(b, p, Pass::kInputGradient, operands).dx);
}

class ConvTranspose3D : public Layer {
 public:
  explicit ConvTranspose3D(ConvTranspose3DArguments arguments) : a_(arguments) {}

  std::vector<ArgumentError> errors(std::span<const Shape> inputs) const override {
    if (inputs[0].rank() != 4) return {};
    return channel_errors(inputs[0][0], a_.in_channels, a_.groups);
  }

  Shape output_shape(std::span<const Shape> inputs) const override {
    const Triple out = voxels(spatial_extents(inputs[0]));
    return {a_.out_channels, out[0], out[1], out[2]};
  }

  // PyTorch takes the fan-in of the weight's own second axis, which here is that of the outputs.
  std::vector<ParameterSpec> parameters(std::span<const Shape> inputs) const override {
    const Triple& k = a_.kernel;
    const Shape weight{inputs[0][0], a_.out_channels / a_.groups, k[0], k[1], k[2]};
    const double bound = 1.0 / std::sqrt(static_cast<double>(weight.elements() / weight[0]));
    std::vector<ParameterSpec> specs{{"weight", weight, bound}};
    if (a_.bias) specs.push_back({"bias", Shape{a_.out_channels}, bound});
    return specs;
  }

  Cost cost(std::span<const Shape> inputs) const override {
    const Triple& k = a_.kernel;
    const std::int64_t outputs_of_input = a_.out_channels / a_.groups * k[0] * k[1] * k[2];
    const double multiply_adds =
        static_cast<double>(inputs[0].elements()) * static_cast<double>(outputs_of_input);
    const double biases = a_.bias ? static_cast<double>(output_shape(inputs).elements()) : 0;
    return {multiply_adds, 2 * multiply_adds + biases};
  }

  // Output o gets what input i = (o + padding - k * dilation) / stride holds, for each k.
  std::optional<LayerReceptiveField> receptive_field(std::size_t axis) const override {
    const auto stride = static_cast<double>(a_.stride[axis]);
    const std::int64_t taps = a_.dilation[axis] * (a_.kernel[axis] - 1);
    return LayerReceptiveField{.scale = a_.stride[axis],
                               .low = static_cast<double>(a_.padding[axis] - taps) / stride,
                               .high = static_cast<double>(a_.padding[axis]) / stride};
  }
  Fusion fusion(std::span<const Shape> inputs) const override {
    const WeightChannels channels{a_.groups, inputs[0][0] / a_.groups, a_.out_channels / a_.groups};
    return {.applies_relu = true,
            .weight_channels = channels,
            .reads_bfloat16 = true,
            .not_in_bytes = why_not(inputs[0])};
  }

  Backward compile(PlanBuilder& b) const override;

 private:
  Triple voxels(const Triple& input) const;
  const char* why_not(const Shape& input) const;
  void compile_in_bytes(PlanBuilder& b) const;
  Problem problem(PlanBuilder& b) const;

  ConvTranspose3DArguments a_;
};

Triple ConvTranspose3D::voxels(const Triple& input) const {
  Triple output{};
  for (std::size_t i = 0; i < output.size(); ++i) {
    output[i] = (input[i] - 1) * a_.stride[i] - 2 * a_.padding[i] +
                a_.dilation[i] * (a_.kernel[i] - 1) + a_.output_padding[i] + 1;
    if (output[i] < 1)
      throw Error(ExitCode::kUsage, "a padding of " + triple_text(a_.padding) +
                                        " leaves nothing of the output of an input of " +
                                        triple_text(input));
  }
  return output;
}

Problem ConvTranspose3D::problem(PlanBuilder& b) const {
  const Shape src = onednn::shape_of(b.layout(b.input()));
  const Triple input{src[2], src[3], src[4]};
  Problem p{.samples = src[0],
            .groups = a_.groups,
            .group_inputs = src[1] / a_.groups,
            .group_outputs = a_.out_channels / a_.groups,
            .input = input,
            .output = voxels(input),
            .kernel = a_.kernel,
            .stride = a_.stride,
            .dilation = a_.dilation,
            .pad_low = a_.padding,
            .pad_high = a_.padding,
            .read = b.product_type(),
            .written = b.output_type(),
            .input_gradient = onednn::data_type(b.layout(b.input())),
            .has_bias = a_.bias || b.norm_is_folded(),
            .is_training = b.training(),
            .is_transposed = true};
  if (b.relu_follows()) p.relu_slope = b.relu_slope();
  if (p.read == onednn::kFloat) return p;
  Problem in_float = p;
  in_float.read = in_float.written = in_float.input_gradient = onednn::kFloat;
  return is_faster_in_float(b, p, in_float) ? in_float : p;
}

// In bytes only where the kernel is as large as its stride: each voxel makes outputs of its own.
const char* ConvTranspose3D::why_not(const Shape& input) const {
  if (a_.groups > 1) return "it has groups";
  if (a_.kernel != a_.stride || a_.dilation != Triple{1, 1, 1} || a_.padding != Triple{} ||
      a_.output_padding != Triple{})
    return "its kernel and its stride differ, or it pads";
  return why_not_bytes(input[0], a_.out_channels);
}

void ConvTranspose3D::compile_in_bytes(PlanBuilder& b) const {
  const Shape src = onednn::shape_of(b.layout(b.input()));
  const Triple input{src[2], src[3], src[4]}, output = voxels(input);
  const Triple& k = a_.kernel;
  record_byte_product(b, "transposed convolution",
                      {.samples = src[0],
                       .inputs = src[1],
                       .outputs = a_.out_channels,
                       .input = input,
                       .output = output,
                       .kernel = k,
                       .stride = a_.stride,
                       .is_transposed = true},
                      {src[1], a_.out_channels, k[0], k[1], k[2]}, a_.bias,
                      {src[0], a_.out_channels, output[0], output[1], output[2]});
}

Backward ConvTranspose3D::compile(PlanBuilder& b) const {
  if (b.reads_bytes()) {
    compile_in_bytes(b);
    return {};
  }
  const Problem p = problem(b);
  Operands operands = operands_of(b, b.with_followers("interleave"));
  operands.x = operands.input = b.input();
  const Recorded forward = convolution_routes().record(b, p, Pass::kForward, std::move(operands));
  b.set_output(forward.y);
  if (!b.training()) return {};
  return [=](PlanBuilder& back) { record_backward(back, p, forward); };
}

}  // namespace

std::unique_ptr<Layer> make_conv_transpose3d(JsonObject& object) {
  constexpr IntegerRange kChannels{1, 1 << 24};
  ConvTranspose3DArguments a;
  if (object.has("in_channels")) a.in_channels = object.integer("in_channels", kChannels);
  a.out_channels = object.integer("out_channels", kChannels);
  a.kernel = object.triple("kernel_size", kKernelRange);
  a.stride = object.triple("stride", kStrideRange, Triple{1, 1, 1});
  a.padding = object.triple("padding", kPaddingRange, Triple{0, 0, 0});
  a.output_padding = object.triple("output_padding", kPaddingRange, Triple{0, 0, 0});
  a.groups = object.integer("groups", kChannels, 1);
  a.bias = object.boolean("bias", true);
  a.dilation = object.triple("dilation", kStrideRange, Triple{1, 1, 1});
  object.only("padding_mode", "zeros");
  object.only_null({"device", "dtype"});
  if (!object.is_sound()) return std::make_unique<ConvTranspose3D>(a);
  if (a.out_channels % a.groups != 0)
    object.error("groups", "expected a divisor of the " + std::to_string(a.out_channels) +
                               " output channels, found " + std::to_string(a.groups));
  for (std::size_t i = 0; i < 3; ++i)
    if (a.output_padding[i] >= std::max(a.stride[i], a.dilation[i])) {
      object.error("output_padding", "expected less than the stride " + triple_text(a.stride) +
                                         " or the dilation " + triple_text(a.dilation) +
                                         ", found " + triple_text(a.output_padding));
      break;
    }
  return std::make_unique<ConvTranspose3D>(a);
}

}  // namespace lucid
