#include <algorithm>
#include <cmath>

#include "layers/convolution/arguments.h"
#include "layers/convolution/problem/descriptors.h"
#include "layers/convolution/problem/merged_groups.h"
#include "layers/convolution/routes.h"
#include "layers/layer/layers.h"
#include "layers/resample/resampled.h"
#include "layers/weighted/weighted.h"

namespace lucid {
namespace {

Operands operands_of(PlanBuilder& b, const MergedGroups& groups) {
  Operands operands;
  operands.weight = [&b, &groups](const Layout& layout) { return groups.weight(b, layout); };
  return operands;
}

// `x` is the layer's input, or that input padded.
Recorded record_forward(PlanBuilder& b, const Problem& p, const MergedGroups& groups, Value x) {
  Operands operands = operands_of(b, groups);
  operands.x = operands.input = x;
  operands.step = b.with_followers("convolution");
  const Layout& input = b.layout(b.input());
  return convolution_routes().record(b, p, Pass::kForward, std::move(operands), {input, input});
}

// The gradient of y from before the ReLU, in the type that the backward passes read.
Value gradient_of_y(PlanBuilder& b, const Problem& p, Value y) {
  const Value dy = gradient_before_relu(b, b.layout(y), y);
  if (onednn::data_type(b.layout(dy)) == p.read) return dy;
  return b.in_layout(dy, onednn::weight_gradient_descriptor(b.device(), p).diff_dst_desc());
}

// Records the parameters' gradients, and returns that of x where it is needed.
Value record_backward(PlanBuilder& b, const Problem& p, const MergedGroups& groups,
                      const Recorded& forward, bool was_padded) {
  const bool is_float = onednn::data_type(b.layout(b.input())) == onednn::kFloat;
  Operands operands = operands_of(b, groups);
  operands.x = forward.x;
  if (is_float && !was_padded) operands.input = b.input();
  operands.y = forward.y;
  operands.dy = gradient_of_y(b, p, forward.y);
  operands.from_forward = forward.handover;
  const Layouts judged = convolution_routes().unforced(b, p, b.layout(b.input()), operands);
  if (needs_weight_gradient(b, p.bias_layout())) {
    operands.step = "convolution weight gradient";
    const Recorded recorded =
        convolution_routes().record(b, p, Pass::kWeightGradient, operands, judged);
    b.set_parameter_gradient("weight", groups.weight_gradient(b, recorded.dw));
    if (recorded.db) b.set_parameter_gradient("bias", recorded.db);
  }
  if (!b.needs_input_gradient()) return {};
  operands.step = "convolution input gradient";
  return convolution_routes().record(b, p, Pass::kInputGradient, operands, judged).dx;
}

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
  Fusion fusion(std::span<const Shape>) const override {
    return {.applies_relu = true,
            .weight_channels = WeightChannels{.channels = a_.out_channels},
            .reads_bfloat16 = true};
  }

  Backward compile(PlanBuilder& b) const override;

 private:
  Problem problem(PlanBuilder& b, onednn::Type type) const;
  Problem problem(PlanBuilder& b) const;
  Resampled padding(PlanBuilder& b, const Problem& p) const;

  Conv3DArguments a_;
};

// Describes the convolution of what its products read, padded before where a step does that.
Problem Conv3D::problem(PlanBuilder& b, onednn::Type type) const {
  const Shape src = onednn::shape_of(b.layout(b.input()));
  const Window& w = a_.window;
  const bool pads_before = a_.pads_before();
  Problem p{.samples = src[0],
            .groups = a_.groups,
            .group_inputs = src[1] / a_.groups,
            .group_outputs = a_.out_channels / a_.groups,
            .input = {src[2], src[3], src[4]},
            .output = output_extents(w, {src[2], src[3], src[4]}),
            .kernel = w.kernel,
            .stride = w.stride,
            .dilation = w.dilation,
            .read = type,
            .written = type == onednn::kFloat ? type : b.output_type(),
            .has_bias = a_.bias || b.norm_is_folded(),
            .is_training = b.training(),
            .origin = pads_before ? Origin::kPaddedBefore : Origin::kLayer};
  if (b.relu_follows()) p.relu_slope = b.relu_slope();
  for (std::size_t i = 0; i < 3 && pads_before; ++i) p.input[i] += w.pad_low[i] + w.pad_high[i];
  if (!pads_before) {
    p.pad_low = w.pad_low;
    p.pad_high = w.pad_high;
    if (type != onednn::kFloat) p.input_gradient = onednn::data_type(b.layout(b.input()));
  }
  return p;
}

// The type is the plan's where oneDNN has sound code for all passes, and float elsewhere.
Problem Conv3D::problem(PlanBuilder& b) const {
  const Problem p = problem(b, b.product_type());
  if (b.product_type() == onednn::kFloat) return p;
  const OneDnn library(b.device());
  const Problem merged = MergedGroups(p, this_machine(library).lanes()).problem();
  const auto is_sound_pass = [&](Pass pass) { return is_sound(library.quality(merged, pass)); };
  const bool is_known =
      is_sound_pass(Pass::kForward) && (!b.training() || (is_sound_pass(Pass::kWeightGradient) &&
                                                          is_sound_pass(Pass::kInputGradient)));
  return is_known && !p.is_depthwise() ? p : problem(b, onednn::kFloat);
}

// The step that pads writes the order in which the forward route reads.
Resampled Conv3D::padding(PlanBuilder& b, const Problem& p) const {
  const Layout& input = b.layout(b.input());
  const auto order =
      convolution_routes().choose_for(b, p, Pass::kForward, {input, input}).verdict.reads;
  const Shape shape = onednn::shape_of(input);
  return {shape, order.value_or(onednn::Order::kPlain),
          padded_axes(a_.padding_mode, {shape[2], shape[3], shape[4]}, a_.window)};
}

Backward Conv3D::compile(PlanBuilder& b) const {
  const OneDnn library(b.device());
  const MergedGroups groups(problem(b), this_machine(library).lanes());
  const Problem p = groups.problem();
  std::optional<Resampled> pad;
  if (a_.pads_before()) pad = padding(b, p);
  const Value x = pad ? pad->record(b, "padding", b.input()) : b.input();
  const Recorded forward = record_forward(b, p, groups, x);
  b.set_output(forward.y);
  if (!b.training()) return {};
  return [=](PlanBuilder& back) {
    const Value dx = record_backward(back, p, groups, forward, pad.has_value());
    if (dx) back.set_input_gradient(pad ? pad->record_gradient(back, "padding gradient", dx) : dx);
  };
}

}  // namespace

std::unique_ptr<Layer> make_conv3d(JsonObject& object) {
  return std::make_unique<Conv3D>(read_conv3d_arguments(object));
}

}  // namespace lucid
