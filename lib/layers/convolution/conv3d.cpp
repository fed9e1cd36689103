#include <algorithm>
#include <cmath>

#include "layers/convolution/byte_convolution.h"
#include "layers/convolution/conv3d_passes.h"
#include "layers/layer/layers.h"
#include "layers/weighted/weighted.h"

namespace lucid {
namespace {

class Conv3D : public Layer {
 public:
  explicit Conv3D(Conv3DArguments arguments) : a_(arguments) {}

  std::vector<ArgumentError> errors(std::span<const Shape> inputs) const override {
    if (inputs[0].rank() != 4) return {};
    if (auto found = channel_errors(inputs[0][0], a_.in_channels, a_.groups); !found.empty())
      return found;
    const Triple voxels = spatial_extents(inputs[0]);
    for (std::size_t i = 0; i < 3 && a_.padding_mode == PaddingMode::kReflect; ++i)
      if (std::max(a_.window.pad_low[i], a_.window.pad_high[i]) >= voxels[i])
        return {{"padding", "expected less than the input of " + triple_text(voxels) +
                                " voxels, which 'reflect' pads, found " +
                                triple_text(a_.window.pad_high)}};
    return {};
  }

  Shape output_shape(std::span<const Shape> inputs) const override {
    const Triple out = output_extents(a_.window, spatial_extents(inputs[0]));
    return {a_.out_channels, out[0], out[1], out[2]};
  }

  // kaiming_uniform with a = sqrt(5), as PyTorch and lucid: U(-1/sqrt(fan_in), 1/sqrt(fan_in)) for
  // weight and bias.
  std::vector<ParameterSpec> parameters(std::span<const Shape> inputs) const override {
    const Triple& k = a_.window.kernel;
    const Shape weight{a_.out_channels, inputs[0][0] / a_.groups, k[0], k[1], k[2]};
    const double bound = 1.0 / std::sqrt(static_cast<double>(weight.elements() / a_.out_channels));
    std::vector<ParameterSpec> specs{{"weight", weight, bound}};
    if (a_.bias) specs.push_back({"bias", Shape{a_.out_channels}, bound});
    return specs;
  }

  Cost cost(std::span<const Shape> inputs) const override {
    const auto outputs = static_cast<double>(output_shape(inputs).elements());
    const auto taps = static_cast<double>(inputs[0][0] / a_.groups * a_.window.volume());
    return {outputs * taps, 2 * outputs * taps + (a_.bias ? outputs : 0)};
  }

  std::optional<LayerReceptiveField> receptive_field(std::size_t axis) const override {
    return window_receptive_field(a_.window, axis);
  }
  Fusion fusion(std::span<const Shape> inputs) const override {
    return {.applies_relu = true,
            .weight_channels = WeightChannels{.channels = a_.out_channels},
            .reads_bfloat16 = !is_depthwise(inputs[0]),
            .not_in_bytes = why_not_bytes(a_, inputs[0])};
  }

  Backward compile(PlanBuilder& b) const override {
    if (!b.reads_bytes()) return compile_conv3d(b, a_);
    compile_in_bytes(b, a_);
    return {};
  }

 private:
  // Whose kernel is one for floats.
  bool is_depthwise(const Shape& input) const {
    return a_.groups > 1 && a_.groups == input[0] && a_.groups == a_.out_channels;
  }

  Conv3DArguments a_;
};

}  // namespace

std::unique_ptr<Layer> make_conv3d(JsonObject& object) {
  return std::make_unique<Conv3D>(read_conv3d_arguments(object));
}

}  // namespace lucid
