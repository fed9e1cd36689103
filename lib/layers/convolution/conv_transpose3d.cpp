#include "layers/convolution/conv_transpose3d.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "layers/convolution/phase_convolution.h"
#include "layers/layer/window.h"
#include "layers/weighted/weighted.h"

namespace lucid {
namespace {

struct ConvTranspose3DArguments {
  std::optional<std::int64_t> in_channels;
  std::int64_t out_channels = 1, groups = 1;
  Triple kernel{}, stride{}, padding{}, output_padding{}, dilation{};
  bool bias = true;
};

// oneDNN's deconvolution falls to its reference code on blocked layouts. Here a convolution of
// stride 1 computes every phase of the output as channels of their own, and a kernel of ours
// interleaves the phases to voxels.
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

  double multiply_adds(std::span<const Shape> inputs) const override {
    const Triple& k = a_.kernel;
    const std::int64_t products = a_.out_channels / a_.groups * k[0] * k[1] * k[2];
    return static_cast<double>(inputs[0].elements()) * static_cast<double>(products);
  }

  double flops(std::span<const Shape> inputs) const override {
    const double biases = a_.bias ? static_cast<double>(output_shape(inputs).elements()) : 0;
    return 2 * multiply_adds(inputs) + biases;
  }

  // Output o gets what input i = (o + padding - k * dilation) / stride holds, for each k.
  std::optional<Reach> reach(std::size_t axis) const override {
    const auto stride = static_cast<double>(a_.stride[axis]);
    const std::int64_t taps = a_.dilation[axis] * (a_.kernel[axis] - 1);
    return Reach{.scale = a_.stride[axis],
                 .low = static_cast<double>(a_.padding[axis] - taps) / stride,
                 .high = static_cast<double>(a_.padding[axis]) / stride};
  }
  bool can_apply_relu() const override { return true; }
  bool can_apply_leaky_relu() const override { return true; }
  std::optional<WeightChannels> norm_channels(std::span<const Shape> inputs) const override {
    return WeightChannels{a_.groups, inputs[0][0] / a_.groups, a_.out_channels / a_.groups};
  }
  bool knows_bfloat16() const override { return true; }

  Backward compile(PlanBuilder& b) const override {
    const Shape src = onednn::shape_of(b.layout(b.input()));
    const auto axis = [&](std::size_t i) {
      return AxisPhases(a_.kernel[i], a_.stride[i], a_.dilation[i]);
    };
    const PhasePacking packing{.axes = {axis(0), axis(1), axis(2)},
                               .kernel = a_.kernel,
                               .groups = a_.groups,
                               .group_inputs = src[1] / a_.groups,
                               .group_outputs = a_.out_channels / a_.groups,
                               .padded_outputs = a_.out_channels / a_.groups};
    const Triple out = voxels({src[2], src[3], src[4]});
    return compile_phase_convolution(
        b,
        {packing,
         a_.stride,
         a_.padding,
         a_.dilation,
         src,
         {src[0], a_.out_channels, out[0], out[1], out[2]}},
        a_.bias || b.norm_is_folded() ? onednn::plain_layout(Shape{a_.out_channels}) : Layout());
  }

 private:
  Triple voxels(const Triple& input) const;

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
