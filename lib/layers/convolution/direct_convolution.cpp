#include "layers/convolution/direct_convolution.h"

#include <string_view>

#include "layers/convolution/strided_gradient.h"
#include "tensor/describe_accepted.h"

namespace lucid {
namespace {

Layout in_vectors(const Layout& layout) {
  const bool is_wide = onednn::vector_set() == onednn::VectorSet::kAvx512;
  return onednn::ordered_layout(onednn::extents(layout),
                                is_wide ? onednn::Order::kBlocked16 : onednn::Order::kBlocked8);
}

// What the gradient of the weights is described by: it is float, whatever the products read.
Convolution weight_gradient_of(const Convolution& c) {
  Convolution gradient = c;
  gradient.weights = onednn::any_layout(onednn::extents(c.weights));
  gradient.dst = onednn::any_layout(onednn::extents(c.dst), onednn::data_type(c.src));
  return gradient;
}

// oneDNN 2.6 leaves garbage in the gradient of a strided kernel of 7 whose rows are short: seen
// with 2 to 7 outputs, not with 8, nor in float.
bool is_wrong(const Convolution& c) {
  constexpr std::int64_t kWideKernel = 6, kShortRow = 16;
  return onednn::data_type(c.src) != onednn::kFloat && c.stride[2] > 1 &&
         onednn::extents(c.weights).back() >= kWideKernel &&
         onednn::extents(c.dst).back() < kShortRow;
}

}  // namespace

DirectConvolution::DirectConvolution(PlanBuilder& b, const Convolution& c, onednn::Type input)
    : c_(c), input_gradient_(input) {
  const MergedGroups groups(c);
  if (groups.merges()) {
    groups_ = groups;
    c_ = groups.convolution();
  }
  forward_ = describe_forward(b);
  narrow_ = Narrow::choose(b, c_);
}

Layout DirectConvolution::source_layout() const {
  return narrow_ ? narrow_->source_layout() : forward_.src_desc();
}

bool DirectConvolution::is_known(PlanBuilder& b, const Convolution& c, onednn::Type input) {
  if (b.training() && is_wrong(c)) return false;
  try {
    const DirectConvolution direct(b, c, input);
    if (is_reference(direct.forward_)) return false;
    return !b.training() || (!is_reference(direct.describe_weight_gradient(b)) &&
                             !is_reference(direct.describe_input_gradient(b)));
  } catch (const dnnl::error&) {
    return false;
  }
}

// oneDNN's brgemm convolution, which it prefers for inference, takes channels by vectors. Of fewer
// input channels than a vector holds, as a first layer has, its older one computes two to three
// times as fast in the same order.
DirectConvolution::Forward DirectConvolution::describe_forward(PlanBuilder& b) const {
  constexpr std::int64_t kFewChannels = 16;
  const auto with = [&](const Layout& src, const Layout& dst, const auto& accept) {
    return onednn::describe_accepted<dnnl::convolution_forward>(
        b.device(), forward_attributes(b), accept, b.forward_kind(),
        dnnl::algorithm::convolution_direct, src, c_.weights, c_.bias, dst, c_.stride, c_.dilation,
        c_.pad_low, c_.pad_high);
  };
  const Forward chosen = *with(c_.src, c_.dst, [](const char*) { return true; });
  const bool may_be_slow = !b.training() && onednn::extents(c_.weights).size() == 5 &&
                           onednn::extents(c_.src)[1] < kFewChannels &&
                           onednn::data_type(c_.src) == onednn::kFloat;
  if (!may_be_slow || !std::string_view(chosen.impl_info_str()).starts_with("brg")) return chosen;
  return with(c_.src, in_vectors(c_.dst),
              [](const char* implementation) {
                return std::string_view(implementation).starts_with("jit");
              })
      .value_or(chosen);
}

dnnl::convolution_backward_weights::primitive_desc DirectConvolution::describe_weight_gradient(
    PlanBuilder& b) const {
  const Convolution of = weight_gradient_of(c_);
  return onednn::describe_backward<dnnl::convolution_backward_weights>(
      b.device(), b.attributes(), forward_, dnnl::algorithm::convolution_direct, of.src, of.weights,
      of.bias, of.dst, of.stride, of.dilation, of.pad_low, of.pad_high);
}

dnnl::convolution_backward_data::primitive_desc DirectConvolution::describe_input_gradient(
    PlanBuilder& b) const {
  return onednn::describe_backward<dnnl::convolution_backward_data>(
      b.device(), b.attributes(), forward_, dnnl::algorithm::convolution_direct,
      onednn::any_layout(onednn::extents(c_.src), input_gradient_), c_.weights,
      weight_gradient_of(c_).dst, c_.stride, c_.dilation, c_.pad_low, c_.pad_high);
}

Value DirectConvolution::weights(PlanBuilder& b, const Layout& wanted) const {
  return groups_ ? groups_->weights(b, wanted) : b.parameter("weight", wanted);
}

Value DirectConvolution::plain_weights(PlanBuilder& b) const {
  return weights(b, onednn::plain_layout(onednn::extents(c_.weights)));
}

WeightedValues DirectConvolution::forward(PlanBuilder& b, Value input) const {
  // Where the product reads a rounded copy of the weights, they are stored as their gradient comes.
  if (b.training() && !groups_ && onednn::data_type(c_.weights) != onednn::kFloat)
    b.store_parameter("weight", describe_weight_gradient(b).diff_weights_desc());
  if (narrow_) return narrow_->forward(b, c_.bias, input, plain_weights(b));
  return weighted_forward<dnnl::convolution_forward>(b, "convolution", forward_, c_.bias, input,
                                                     weights(b, forward_.weights_desc()));
}

Value DirectConvolution::backward(PlanBuilder& b, const WeightedValues& values,
                                  Value also_x) const {
  Value dy = gradient_before_relu(b, b.layout(values.y), values.y);
  if (onednn::data_type(b.layout(dy)) != onednn::data_type(c_.src))  // once for both
    dy = b.in_layout(dy, describe_weight_gradient(b).diff_dst_desc());
  if (needs_weight_gradient(b, c_.bias)) weight_gradient(b, values.x, also_x, dy);
  if (!b.needs_input_gradient()) return {};
  if (const auto narrow = Narrow::choose_for_input(b, c_))
    return narrow->input_gradient(b, dy, plain_weights(b));
  const auto descriptor = describe_input_gradient(b);
  if (const auto phases = phases_of_input_gradient(b, c_, descriptor)) {
    const Layout stored = phases->of().packing.grouped_layout();
    const Value gradient = phases->record(b, dy, weights(b, stored)).phases;
    return phases->record_output(b, "interleave", phases->interleaving(), gradient, {});
  }
  return input_gradient<dnnl::convolution_backward_data>(b, "convolution", descriptor, dy,
                                                         weights(b, descriptor.weights_desc()));
}

void DirectConvolution::weight_gradient(PlanBuilder& b, Value x, Value also_x, Value dy) const {
  const WeightGradients gradients =
      record_weight_gradient(b, "convolution", weight_gradient_of(c_), forward_, x, also_x, dy);
  if (groups_)
    groups_->set_weight_gradient(b, gradients.weight);
  else
    b.set_parameter_gradient("weight", gradients.weight);
  if (gradients.bias) b.set_parameter_gradient("bias", gradients.bias);
}

}  // namespace lucid
