#include "layers/conv3d.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "layers/padding.h"
#include "layers/resampled.h"
#include "layers/weight_gradient.h"
#include "layers/weighted.h"
#include "layers/window.h"
#include "layers/winograd.h"
#include "tensor/describe_accepted.h"
#include "tensor/onednn.h"

namespace lucid {
namespace {

using onednn::Dims;
using Forward = dnnl::convolution_forward::primitive_desc;

struct Conv3DArguments {
  std::optional<std::int64_t> in_channels;
  std::int64_t out_channels = 1, groups = 1;
  Window window{};
  PaddingMode padding_mode = PaddingMode::kZeros;
  bool bias = true;

  // oneDNN's convolutions pad with zeros; in other modes a step before them pads.
  bool pads_before() const {
    return padding_mode != PaddingMode::kZeros &&
           (window.pad_low != Triple{} || window.pad_high != Triple{});
  }
};

Layout channels_last(const Layout& layout) {
  return onednn::ordered_layout(onednn::extents(layout), onednn::Order::kChannelsLast);
}

class Conv3D : public Layer {
 public:
  explicit Conv3D(Conv3DArguments arguments) : a_(arguments) {}

  std::vector<Complaint> complaints(std::span<const Shape> inputs) const override {
    if (inputs[0].rank() != 4) return {};
    if (auto found = channel_complaints(inputs[0][0], a_.in_channels, a_.groups); !found.empty())
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
  bool knows_bfloat16() const override { return true; }

  Backward compile(PlanBuilder& b) const override;

 private:
  Convolution convolution(PlanBuilder& b) const;
  Convolution convolution(PlanBuilder& b, onednn::Type type) const;
  bool is_known(PlanBuilder& b, const Convolution& g) const;
  Forward describe_forward(PlanBuilder& b, const Convolution& g) const;
  Resampled padded(PlanBuilder& b, const Layout& wanted) const;
  onednn::Type input_gradient_type(PlanBuilder& b, const Convolution& g) const;
  Value compile_backward(PlanBuilder& b, const Convolution& g, const Forward& forward,
                         const WeightedValues& values) const;

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
          .bias = a_.bias ? onednn::plain_layout(Dims{a_.out_channels}) : Layout(),
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

// oneDNN's brgemm convolution, which it prefers for inference, takes channels by vectors. Of fewer
// input channels than a vector holds, as a first layer has, its older one computes two to three
// times as fast in the same order.
Forward Conv3D::describe_forward(PlanBuilder& b, const Convolution& g) const {
  constexpr std::int64_t kFewChannels = 16;
  const auto with = [&](const Layout& src, const Layout& dst, const auto& accept) {
    return onednn::describe_accepted<dnnl::convolution_forward>(
        b.device(), forward_attributes(b), accept, b.forward_kind(),
        dnnl::algorithm::convolution_direct, src, g.weights, g.bias, dst, g.stride, g.dilation,
        g.pad_low, g.pad_high);
  };
  const Forward chosen = *with(g.src, g.dst, [](const char*) { return true; });
  const bool may_be_slow = !b.training() && a_.groups == 1 && !a_.pads_before() &&
                           onednn::extents(g.src)[1] < kFewChannels &&
                           onednn::data_type(g.src) == onednn::kFloat;
  if (!may_be_slow || !std::string_view(chosen.impl_info_str()).starts_with("brg")) return chosen;
  return with(channels_last(g.src), channels_last(g.dst),
              [](const char* implementation) {
                return std::string_view(implementation).starts_with("jit");
              })
      .value_or(chosen);
}

// What the gradient of the weights is described by: it is float, whatever the products read.
Convolution weight_gradient_of(const Convolution& g) {
  Convolution gradient = g;
  gradient.weights = onednn::any_layout(onednn::extents(g.weights));
  gradient.dst = onednn::any_layout(onednn::extents(g.dst), onednn::data_type(g.src));
  return gradient;
}

auto describe_weight_gradient(PlanBuilder& b, const Convolution& g, const Forward& forward) {
  const Convolution of = weight_gradient_of(g);
  return onednn::describe_backward<dnnl::convolution_backward_weights>(
      b.device(), b.attributes(), forward, dnnl::algorithm::convolution_direct, of.src, of.weights,
      of.bias, of.dst, of.stride, of.dilation, of.pad_low, of.pad_high);
}

auto describe_input_gradient(PlanBuilder& b, const Convolution& g, const Forward& forward,
                             onednn::Type type) {
  return onednn::describe_backward<dnnl::convolution_backward_data>(
      b.device(), b.attributes(), forward, dnnl::algorithm::convolution_direct,
      onednn::any_layout(onednn::extents(g.src), type), g.weights, weight_gradient_of(g).dst,
      g.stride, g.dilation, g.pad_low, g.pad_high);
}

// Whether oneDNN has code of its own for all that the plan needs.
bool Conv3D::is_known(PlanBuilder& b, const Convolution& g) const {
  try {
    const Forward forward = describe_forward(b, g);
    if (is_reference(forward)) return false;
    return !b.training() ||
           (!is_reference(describe_weight_gradient(b, g, forward)) &&
            !is_reference(describe_input_gradient(b, g, forward, input_gradient_type(b, g))));
  } catch (const dnnl::error&) {
    return false;
  }
}

// In float where oneDNN has nothing else.
Convolution Conv3D::convolution(PlanBuilder& b) const {
  Convolution g = convolution(b, b.product_type());
  if (b.product_type() == onednn::kFloat || is_known(b, g)) return g;
  return convolution(b, onednn::kFloat);
}

// That of the input, where the products take it; a step that pads takes float.
onednn::Type Conv3D::input_gradient_type(PlanBuilder& b, const Convolution& g) const {
  if (a_.pads_before() || onednn::data_type(g.src) == onednn::kFloat) return onednn::kFloat;
  return onednn::data_type(b.layout(b.input()));
}

Backward Conv3D::compile(PlanBuilder& b) const {
  const Convolution g = convolution(b);
  if (!a_.pads_before()) {
    if (const auto winograd = Winograd::choose(b, g)) return winograd->compile(b);
  }
  const Forward forward = describe_forward(b, g);
  std::optional<Resampled> pad;
  if (a_.pads_before()) pad = padded(b, forward.src_desc());
  // Where the product reads a rounded copy of the weights, they are stored as their gradient comes.
  if (b.training() && onednn::data_type(g.weights) != onednn::kFloat)
    b.store_parameter("weight", describe_weight_gradient(b, g, forward).diff_weights_desc());
  const WeightedValues values = weighted_forward<dnnl::convolution_forward>(
      b, "convolution", forward, g.bias, pad ? pad->record(b, "padding", b.input()) : b.input());
  if (!b.training()) return {};
  return [=, this](PlanBuilder& back) {
    const Value dx = compile_backward(back, g, forward, values);
    if (dx) back.set_input_gradient(pad ? pad->record_gradient(back, "padding gradient", dx) : dx);
  };
}

// Returns the gradient of what the convolution read, where it is needed.
Value Conv3D::compile_backward(PlanBuilder& b, const Convolution& g, const Forward& forward,
                               const WeightedValues& values) const {
  const onednn::Type type = onednn::data_type(g.src);
  Value dy = gradient_before_relu(b, forward.dst_desc(), values.y);
  if (onednn::data_type(b.layout(dy)) != type)  // once for both
    dy = b.in_layout(dy, describe_weight_gradient(b, g, forward).diff_dst_desc());
  if (needs_weight_gradient(b, g.bias)) {
    const bool is_as_read =
        !a_.pads_before() && onednn::data_type(b.layout(b.input())) == onednn::kFloat;
    const WeightGradients gradients =
        record_weight_gradient(b, "convolution", weight_gradient_of(g), forward, values.x,
                               is_as_read ? b.input() : Value{}, dy);
    b.set_parameter_gradient("weight", gradients.weight);
    if (gradients.bias) b.set_parameter_gradient("bias", gradients.bias);
  }
  if (!b.needs_input_gradient()) return {};
  return input_gradient<dnnl::convolution_backward_data>(
      b, "convolution", describe_input_gradient(b, g, forward, input_gradient_type(b, g)), dy);
}

const std::vector<std::string> kPaddingWords = {"same", "valid"};

// A number, [d, h, w], 'valid' (none) or 'same' (the output is as large as the input; the odd voxel
// goes to the high side).
void read_padding(JsonObject& object, Window& window) {
  const Json* value = object.find("padding");
  if (value == nullptr || !value->is_string()) {
    window.pad_low = window.pad_high = object.triple("padding", kPaddingRange, Triple{0, 0, 0});
    return;
  }
  const auto word = value->get<std::string>();
  if (word != "same" && word != "valid") {
    const std::string best = closest_match(word, kPaddingWords);
    object.problem("padding",
                   "expected 'same', 'valid', an integer >= 0 or [d, h, w] of them, found " +
                       in_quotes(word) +
                       (best.empty() ? "" : "; did you mean " + in_quotes(best) + "?"));
  }
  if (word != "same") return;
  if (window.stride != Triple{1, 1, 1})
    object.problem("padding", "expected numbers where the stride is not 1, found 'same'");
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int64_t total = window.extent(axis) - 1;
    window.pad_low[axis] = total / 2;
    window.pad_high[axis] = total - total / 2;
  }
}

}  // namespace

std::unique_ptr<Layer> make_conv3d(JsonObject& object) {
  constexpr IntegerRange kChannels{1, 1 << 24};
  Conv3DArguments a;
  if (object.has("in_channels")) a.in_channels = object.integer("in_channels", kChannels);
  a.out_channels = object.integer("out_channels", kChannels);
  a.window.kernel = object.triple("kernel_size", kKernelRange);
  a.window.stride = object.triple("stride", kStrideRange, Triple{1, 1, 1});
  a.window.dilation = object.triple("dilation", kStrideRange, Triple{1, 1, 1});
  read_padding(object, a.window);
  a.groups = object.integer("groups", kChannels, 1);
  a.bias = object.boolean("bias", true);
  static const std::vector<std::string> kModes = {"zeros", "reflect", "replicate"};
  const std::string mode = object.choice("padding_mode", kModes, "zeros");
  if (mode == "reflect") a.padding_mode = PaddingMode::kReflect;
  if (mode == "replicate") a.padding_mode = PaddingMode::kReplicate;
  object.only_null({"device", "dtype"});
  if (a.out_channels % a.groups != 0 && object.is_sound())
    object.problem("groups", "expected a divisor of the " + std::to_string(a.out_channels) +
                                 " output channels, found " + std::to_string(a.groups));
  return std::make_unique<Conv3D>(a);
}

}  // namespace lucid
