#include "layers/convolution/conv3d_passes.h"

#include "layers/convolution/problem/descriptors.h"
#include "layers/convolution/problem/merged_groups.h"
#include "layers/convolution/product_type.h"
#include "layers/convolution/routes.h"
#include "layers/pool/pooled_relu.h"
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

// The gradient of the convolution's outputs from before the ReLU, in the type that the backward
// passes read.
Value gradient_of_y(PlanBuilder& b, const Problem& p, const Recorded& forward) {
  const Value y = forward.y;
  const Value dy = forward.pool ? record_max_pool_gradient(b, forward.pool->pooling, y,
                                                           forward.pool->index, p.relu_slope)
                                : gradient_before_relu(b, b.layout(y), y);
  if (onednn::data_type(b.layout(dy)) == p.read) return dy;
  return b.in_layout(dy, onednn::weight_gradient_descriptor(b.device(), p).diff_dst_desc());
}

// A weight gradient alone may be computed from the pooled gradient, so that the other one, which is
// eight times as large, is never written.
void set_gradient_of_y(PlanBuilder& b, const Problem& p, const Recorded& forward,
                       const Layouts& judged, Operands& operands) {
  const auto reads_pooled = [&] {
    const Routes& routes = convolution_routes();
    return routes.choose_for(b, p, Pass::kWeightGradient, judged).route->reads_pooled_gradient;
  };
  if (forward.pool && !b.needs_input_gradient() && reads_pooled())
    operands.pooled_dy = {b.output_gradient(forward.pool->pooling.out), forward.y,
                          forward.pool->index};
  else
    operands.dy = gradient_of_y(b, p, forward);
}

// Records the parameters' gradients, and returns that of x where it is needed.
Value record_backward(PlanBuilder& b, const Problem& p, const MergedGroups& groups,
                      const Recorded& forward, bool was_padded) {
  const bool is_float = onednn::data_type(b.layout(b.input())) == onednn::kFloat;
  Operands operands = operands_of(b, groups);
  operands.x = forward.x;
  if (is_float && !was_padded) operands.input = b.input();
  operands.y = forward.y;
  operands.from_forward = forward.handover;
  const Layouts judged = convolution_routes().unforced(b, p, b.layout(b.input()), operands);
  set_gradient_of_y(b, p, forward, judged, operands);
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

// Describes the convolution of what its products read, padded before where a step does that.
Problem problem_of(const Conv3DArguments& a, PlanBuilder& b, onednn::Type type) {
  const Shape src = onednn::shape_of(b.layout(b.input()));
  const Window& w = a.window;
  const bool pads_before = a.pads_before();
  Problem p{.samples = src[0],
            .groups = a.groups,
            .group_inputs = src[1] / a.groups,
            .group_outputs = a.out_channels / a.groups,
            .input = {src[2], src[3], src[4]},
            .output = output_extents(w, {src[2], src[3], src[4]}),
            .kernel = w.kernel,
            .stride = w.stride,
            .dilation = w.dilation,
            .read = type,
            .written = type == onednn::kFloat ? type : b.output_type(),
            .has_bias = a.bias || b.norm_is_folded(),
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

// The type is the plan's where oneDNN has sound code for all passes and float32 would not be
// faster.
Problem problem_of(const Conv3DArguments& a, PlanBuilder& b) {
  const Problem p = problem_of(a, b, b.product_type());
  if (b.product_type() == onednn::kFloat) return p;
  const OneDnn library(b.device());
  const std::int64_t lanes = this_machine(library).lanes();
  const Problem merged = MergedGroups(p, lanes).problem();
  const auto is_sound_pass = [&](Pass pass) { return is_sound(library.quality(merged, pass)); };
  const bool is_known =
      is_sound_pass(Pass::kForward) && (!b.training() || (is_sound_pass(Pass::kWeightGradient) &&
                                                          is_sound_pass(Pass::kInputGradient)));
  const bool is_left_to_depthwise = p.is_depthwise() && p.origin == Origin::kLayer;
  const Problem in_float = problem_of(a, b, onednn::kFloat);
  if (!is_known || is_left_to_depthwise) return in_float;
  const bool stays = is_faster_in_float(b, merged, MergedGroups(in_float, lanes).problem());
  return stays ? in_float : p;
}

// The step that pads writes the order in which the forward route reads.
Resampled padding_of(const Conv3DArguments& a, PlanBuilder& b, const Problem& p) {
  const Layout& input = b.layout(b.input());
  const auto order =
      convolution_routes().choose_for(b, p, Pass::kForward, {input, input}).verdict.reads;
  const Shape shape = onednn::shape_of(input);
  return {shape, order.value_or(onednn::Order::kPlain),
          padded_axes(a.padding_mode, {shape[2], shape[3], shape[4]}, a.window)};
}

}  // namespace

Backward compile_conv3d(PlanBuilder& b, const Conv3DArguments& a) {
  const OneDnn library(b.device());
  const MergedGroups groups(problem_of(a, b), this_machine(library).lanes());
  const Problem p = groups.problem();
  std::optional<Resampled> pad;
  if (a.pads_before()) pad = padding_of(a, b, p);
  const Value x = pad ? pad->record(b, "padding", b.input()) : b.input();
  const Recorded forward = record_forward(b, p, groups, x);
  b.set_output(forward.y);
  if (!b.training()) return {};
  return [=](PlanBuilder& back) {
    const Value dx = record_backward(back, p, groups, forward, pad.has_value());
    if (dx) back.set_input_gradient(pad ? pad->record_gradient(back, "padding gradient", dx) : dx);
  };
}

}  // namespace lucid
