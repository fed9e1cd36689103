#include "layers/convolution/conv3d.h"

#include <algorithm>
#include <cmath>

#include "layers/convolution/conv3d_arguments.h"
#include "layers/convolution/depthwise.h"
#include "layers/convolution/direct_convolution.h"
#include "layers/convolution/pointwise.h"
#include "layers/convolution/winograd.h"
#include "layers/resample/resampled.h"

namespace lucid {
namespace {

using onednn::Dims;

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

  double multiply_adds(std::span<const Shape> inputs) const override {
    const auto taps = static_cast<double>(inputs[0][0] / a_.groups * a_.window.volume());
    return static_cast<double>(output_shape(inputs).elements()) * taps;
  }

  double flops(std::span<const Shape> inputs) const override {
    const double biases = a_.bias ? static_cast<double>(output_shape(inputs).elements()) : 0;
    return 2 * multiply_adds(inputs) + biases;
  }

  std::optional<Reach> reach(std::size_t axis) const override {
    return window_reach(a_.window, axis);
  }
  bool can_apply_relu() const override { return true; }
  bool can_apply_leaky_relu() const override { return true; }
  std::optional<WeightChannels> norm_channels(std::span<const Shape>) const override {
    return WeightChannels{.channels = a_.out_channels};
  }
  bool knows_bfloat16() const override { return true; }

  Backward compile(PlanBuilder& b) const override;

 private:
  Convolution convolution(PlanBuilder& b) const;
  Convolution convolution(PlanBuilder& b, onednn::Type type) const;
  Resampled padded(PlanBuilder& b, const Layout& wanted) const;
  onednn::Type input_gradient_type(PlanBuilder& b, const Convolution& c) const;
  Backward compile_padded(PlanBuilder& b, const Convolution& c) const;

  Conv3DArguments a_;
};

// In a type that the products read.
Convolution Conv3D::convolution(PlanBuilder& b, onednn::Type type) const {
  const Shape src = onednn::shape_of(b.layout(b.input()));
  const Window& w = a_.window;
  const Triple in{src[2], src[3], src[4]}, out = output_extents(w, in);
  const bool pads_before = a_.pads_before();
  Dims read = src.extents();
  for (std::size_t i = 0; i < 3 && pads_before; ++i) read[i + 2] += w.pad_low[i] + w.pad_high[i];
  const std::int64_t in_of_group = src[1] / a_.groups, out_of_group = a_.out_channels / a_.groups;
  Dims weights{out_of_group, in_of_group, w.kernel[0], w.kernel[1], w.kernel[2]};
  if (a_.groups > 1) weights.insert(weights.begin(), a_.groups);
  const auto dims = [](const Triple& t) { return Dims(t.begin(), t.end()); };
  return {.src = onednn::any_layout(read, type),
          .weights = onednn::any_layout(weights, type),
          .bias = a_.bias || b.norm_is_folded() ? onednn::plain_layout(Dims{a_.out_channels})
                                                : Layout(),
          .dst = onednn::any_layout({src[0], a_.out_channels, out[0], out[1], out[2]},
                                    type == onednn::kFloat ? type : b.output_type()),
          .stride = dims(w.stride),
          .dilation = {w.dilation[0] - 1, w.dilation[1] - 1,
                       w.dilation[2] - 1},  // oneDNN counts from 0
          .pad_low = dims(pads_before ? Triple{} : w.pad_low),
          .pad_high = dims(pads_before ? Triple{} : w.pad_high)};
}

// The padded input in the order that the convolution wants.
Resampled Conv3D::padded(PlanBuilder& b, const Layout& wanted) const {
  const Shape input = onednn::shape_of(b.layout(b.input()));
  return {input, onednn::order_of(wanted).value_or(onednn::Order::kPlain),
          padded_axes(a_.padding_mode, {input[2], input[3], input[4]}, a_.window)};
}

// In float where oneDNN has nothing else.
Convolution Conv3D::convolution(PlanBuilder& b) const {
  const Convolution c = convolution(b, b.product_type());
  if (b.product_type() == onednn::kFloat ||
      DirectConvolution::is_known(b, c, input_gradient_type(b, c)))
    return c;
  return convolution(b, onednn::kFloat);
}

// That of the input, where the products take it; a step that pads takes float.
onednn::Type Conv3D::input_gradient_type(PlanBuilder& b, const Convolution& c) const {
  if (a_.pads_before() || onednn::data_type(c.src) == onednn::kFloat) return onednn::kFloat;
  return onednn::data_type(b.layout(b.input()));
}

Backward Conv3D::compile(PlanBuilder& b) const {
  const Convolution c = convolution(b);
  if (a_.pads_before()) return compile_padded(b, c);
  if (const auto depthwise = Depthwise::choose(b, convolution(b, onednn::kFloat)))
    return depthwise->compile(b);
  if (const auto pointwise = PointwiseConvolution::choose(b, c)) return pointwise->compile(b);
  if (const auto winograd = Winograd::choose(b, c)) return winograd->compile(b);
  const DirectConvolution direct(b, c, input_gradient_type(b, c));
  const WeightedValues values = direct.forward(b, b.input());
  if (!b.training()) return {};
  return [=](PlanBuilder& back) {
    const bool is_float = onednn::data_type(back.layout(back.input())) == onednn::kFloat;
    const Value dx = direct.backward(back, values, is_float ? back.input() : Value{});
    if (dx) back.set_input_gradient(dx);
  };
}

Backward Conv3D::compile_padded(PlanBuilder& b, const Convolution& c) const {
  const DirectConvolution direct(b, c, input_gradient_type(b, c));
  const Resampled pad = padded(b, direct.source_layout());
  const WeightedValues values = direct.forward(b, pad.record(b, "padding", b.input()));
  if (!b.training()) return {};
  return [=](PlanBuilder& back) {
    const Value dx = direct.backward(back, values, {});
    if (dx) back.set_input_gradient(pad.record_gradient(back, "padding gradient", dx));
  };
}

}  // namespace

std::unique_ptr<Layer> make_conv3d(JsonObject& object) {
  return std::make_unique<Conv3D>(read_conv3d_arguments(object));
}

}  // namespace lucid
